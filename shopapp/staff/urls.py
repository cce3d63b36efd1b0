"""Addresses under /staff/."""

from django.urls import path

from shopapp.staff import views

app_name = "staff"
urlpatterns = [
    path("", views.orders, name="orders"),
    path("orders/<slug:order_id>/", views.order, name="order"),
    path("orders/<slug:order_id>/ship/", views.ship, name="ship"),
    path("products/", views.products, name="products"),
    path("products/add/", views.add_product, name="add_product"),
    path("products/<slug:sku>/", views.edit_product, name="edit_product"),
]
