"""Where one says how one is thanked."""

from django.urls import path

from annotations.people.credits import views

urlpatterns = [path("me/credit/", views.credit, name="credit")]
