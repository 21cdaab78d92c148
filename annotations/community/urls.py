"""The public face."""

from django.urls import path

from annotations.community import views
from annotations.community.became.views import became

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<slug:slug>/", views.campaign, name="campaign"),
    path("design/", views.design, name="design"),
    path("me/", views.my_work, name="my_work"),
    path("me/became/", became, name="became"),
    path("language/<str:code>/", views.language, name="language"),
    path("terms/", views.text, {"name": "terms"}, name="terms"),
    path("conduct/", views.text, {"name": "conduct"}, name="conduct"),
    path("privacy/processing/", views.processing, name="processing"),
    path("privacy/", views.text, {"name": "privacy"}, name="privacy"),
]
