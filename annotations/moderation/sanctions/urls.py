"""How one stands."""

from django.urls import path

from annotations.moderation.sanctions import views

urlpatterns = [path("me/standing/", views.mine, name="my_standing")]
