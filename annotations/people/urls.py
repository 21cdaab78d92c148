"""Where people come in."""

from django.urls import include, path

from annotations.people import views

urlpatterns = [
    path("", include("annotations.people.accounts.urls")),
    path("", include("annotations.people.credits.urls")),
    path("join/varieties/", views.varieties, name="varieties"),
    path("join/consent/", views.consent, name="consent"),
    path("me/withdraw/", views.withdraw, name="withdraw"),
]
