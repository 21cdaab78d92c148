"""The address Argilla sends its webhooks to."""

from django.urls import path

from annotations.quality.argilla import views

urlpatterns = [path("argilla/knock/", views.knock, name="argilla_knock")]
