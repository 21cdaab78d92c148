"""Where somebody vouches for somebody."""

from django.urls import path

from annotations.people.competence import views

urlpatterns = [
    path("confirm/", views.enter, name="vouch_code"),
    path("confirm/<str:wish>/", views.vouch, name="vouch"),
]
