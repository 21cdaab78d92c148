"""The table, everywhere or inside one campaign."""

from django.urls import path

from annotations.rating import views

urlpatterns = [
    path("rate/", views.ask, name="rate"),
    path("rate/vote/", views.cast, name="cast"),
    path("rate/undo/", views.take_back, name="take_back"),
    path("c/<slug:slug>/rate/", views.ask, name="rate_in"),
    path("c/<slug:slug>/rate/vote/", views.cast, name="cast_in"),
    path("c/<slug:slug>/rate/undo/", views.take_back, name="take_back_in"),
    path("guidelines/vote/", views.guidelines, name="guidelines"),
]
