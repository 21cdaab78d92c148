"""The link of a campaign that is not for everybody."""

from django.urls import path

from annotations.assignments.admissions import views

urlpatterns = [path("c/<slug:invited>/enter/<str:link>/", views.enter, name="enter")]
