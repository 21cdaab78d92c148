"""A variety's page, its stewards' room, and the way out of an item that is not for everybody."""

from django.urls import path

from annotations.assignments.stewards import views

urlpatterns = [
    path("v/<slug:tag>/", views.variety, name="variety"),
    path("v/<slug:tag>/stewards/", views.room, name="stewards_room"),
    path("v/<slug:tag>/stewards/decisions/<int:pk>/", views.decision, name="stewards_decision"),
    path("v/<slug:tag>/stewards/hidden/<int:pk>/", views.hidden, name="stewards_hidden"),
    path("v/<slug:tag>/stewards/confirmed/<int:pk>/end/", views.end_confirmed, name="end_confirmed"),
    path("v/<slug:tag>/stewards/labels/<int:pk>/end/", views.end_label, name="end_label"),
    path("v/<slug:tag>/stewards/write/<slug:what>/", views.write, name="stewards_write"),
    path("restricted/<uuid:assignment>/", views.restrict, name="restrict"),
]
