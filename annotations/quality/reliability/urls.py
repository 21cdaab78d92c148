"""In how many of one's own answers others say the same."""

from django.urls import path

from annotations.quality.reliability import views

urlpatterns = [path("me/agreement/", views.mine, name="my_agreement")]
