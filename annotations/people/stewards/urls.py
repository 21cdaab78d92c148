"""Where varieties are browsed and stewards step forward."""

from django.urls import path

from annotations.people.stewards import views

urlpatterns = [
    path("varieties/", views.browse, name="browse_varieties"),
    path("varieties/propose/", views.propose_variety, name="propose_variety"),
    path("labels/<slug:name>.png", views.label_picture, name="label_picture"),
    path("v/<slug:tag>/propose-steward/", views.propose_steward, name="propose_steward"),
    path("me/varieties/", views.mine, name="my_varieties"),
    path("me/stewardships/<int:pk>/accept/", views.accept, name="accept_stewardship"),
    path("me/stewardships/<int:pk>/end/", views.end, name="end_stewardship"),
]
