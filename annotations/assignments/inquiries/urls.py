"""Where one asks the moderators, and reads what they answered."""

from django.urls import path

from annotations.assignments.inquiries import views

urlpatterns = [
    path("ask/<uuid:assignment>/", views.ask_about_item, name="ask_about_item"),
    path("ask/guidelines/<str:kind>/", views.ask_about_guidelines, name="ask_about_guidelines"),
    path("me/asked/", views.asked, name="my_asked"),
]
