"""Addresses under /account/."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from shopapp.accounts import views

app_name = "accounts"
urlpatterns = [
    path("log-in/", views.LogIn.as_view(), name="login"),
    path("log-out/", LogoutView.as_view(), name="logout"),
    path("sign-up/", views.SignUp.as_view(), name="signup"),
]
