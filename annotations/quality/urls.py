"""What moderators see of agreement and of what lacks."""

from django.urls import path

from annotations.quality import views

urlpatterns = [
    path("quality/", views.campaigns, name="quality"),
    path("quality/<slug:slug>/", views.campaign, name="quality_campaign"),
]
