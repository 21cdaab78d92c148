"""The door for guests; the table they then sit at belongs to the kind of work."""

from django.urls import path

from annotations.assignments.guests import views

urlpatterns = [
    path("try/start/", views.door, name="guest_door"),
    path("c/<slug:slug>/try/start/", views.door, name="guest_door_in"),
]
