"""Where a note is asked for."""

from django.urls import path

from annotations.assignments.notes import views

urlpatterns = [path("me/note/", views.note, name="note")]
