"""A flag in passing, and what one never wants to meet."""

from django.urls import path

from annotations.flagging import views

urlpatterns = [
    path("flag/<uuid:assignment>/<str:letter>/", views.flag, name="flag"),
    path("me/avoids/", views.avoids, name="avoids"),
]
