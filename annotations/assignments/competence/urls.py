"""What is confirmed of one's own."""

from django.urls import path

from annotations.assignments.competence import views

urlpatterns = [path("me/confirmed/", views.mine, name="my_confirmed")]
