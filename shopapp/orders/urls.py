"""Addresses under /orders/."""

from django.urls import path

from shopapp.orders import views

app_name = "orders"
urlpatterns = [
    path("", views.history, name="history"),
    path("checkout/", views.checkout, name="checkout"),
    path("<slug:order_id>/", views.show, name="order"),
]
