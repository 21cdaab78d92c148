"""Where people come in."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from annotations.people import views

urlpatterns = [
    path("join/", views.join, name="join"),
    path("join/varieties/", views.varieties, name="varieties"),
    path("join/consent/", views.consent, name="consent"),
    path("login/", LoginView.as_view(template_name="people/log_in.html"), name="log_in"),
    path("logout/", LogoutView.as_view(), name="log_out"),
    path("me/withdraw/", views.withdraw, name="withdraw"),
]
