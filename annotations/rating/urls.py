"""The table, everywhere or inside one campaign, for members and for guests."""

from django.urls import path

from annotations.rating import guest_views, views

urlpatterns = [
    path("rate/", views.ask, name="rate"),
    path("rate/vote/", views.cast, name="cast"),
    path("rate/undo/", views.take_back, name="take_back"),
    path("c/<slug:slug>/rate/", views.ask, name="rate_in"),
    path("c/<slug:slug>/rate/vote/", views.cast, name="cast_in"),
    path("c/<slug:slug>/rate/undo/", views.take_back, name="take_back_in"),
    path("try/", guest_views.try_one, name="try_one"),
    path("try/vote/", guest_views.cast, name="try_cast"),
    path("try/undo/", guest_views.take_back, name="try_take_back"),
    path("c/<slug:slug>/try/", guest_views.try_one, name="try_one_in"),
    path("c/<slug:slug>/try/vote/", guest_views.cast, name="try_cast_in"),
    path("c/<slug:slug>/try/undo/", guest_views.take_back, name="try_take_back_in"),
    path("guidelines/vote/", views.guidelines, name="guidelines"),
]
