"""Addresses under /cart/."""

from django.urls import path

from shopapp.cart import views

app_name = "cart"
urlpatterns = [
    path("", views.show, name="show"),
    path("add/<slug:sku>/", views.add, name="add"),
    path("change/<slug:sku>/", views.change, name="change"),
]
