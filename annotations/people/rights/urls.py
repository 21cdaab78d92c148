"""What one does with what is one's own."""

from django.urls import path

from annotations.people.rights import views

urlpatterns = [
    path("me/data/", views.my_data, name="my_data"),
    path("me/data/zip/", views.take_along, name="take_along"),
    path("me/data/correct/", views.correct, name="correct"),
    path("me/data/ask/", views.ask, name="ask"),
    path("me/data/pause/", views.pause, name="pause"),
    path("me/data/resume/", views.resume, name="resume"),
    path("me/facts/", views.facts, name="facts"),
    path("me/erase/", views.erase, name="erase"),
    path("facts/", views.facts_counted, name="facts_counted"),
]
