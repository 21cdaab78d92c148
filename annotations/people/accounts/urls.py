"""The account's addresses. allauth's views are named one by one, so that nothing is served that nobody looked at."""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from annotations.people.accounts import views

urlpatterns = [
    path("join/", views.join, name="account_signup"),
    path("join/task/", views.challenge, name="join_task"),
    path("login/", allauth.login, name="account_login"),
    path("logout/", views.log_out, name="account_logout"),
    path("account/", views.account, name="account"),
    path("account/inactive/", allauth.account_inactive, name="account_inactive"),
    path("account/again/", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/password/", allauth.password_change, name="account_change_password"),
    path("account/password/set/", allauth.password_set, name="account_set_password"),
    path("account/email/", allauth.email, name="account_email"),
    path("account/email/sent/", allauth.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^account/email/confirm/(?P<key>[-:\w]+)/$", allauth.confirm_email, name="account_confirm_email"),
    path("account/codes/", views.codes, name="codes"),
    path("account/sessions/end/", views.end_session, name="end_session"),
    path("account/tokens/", views.make_token, name="make_token"),
    path("account/tokens/end/", views.end_token, name="end_token"),
    path("account/help/", views.help_back_in, name="help_back_in"),
    path("account/second/", include("allauth.mfa.urls")),
    path("back/", views.way_back, name="way_back"),
    path("back/mail/", allauth.password_reset, name="account_reset_password"),
    path("back/mail/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path("back/mail/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^back/mail/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
