"""Addresses of the catalogue."""

from django.urls import path

from shopapp.catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("category/<slug:slug>/", views.category, name="category"),
    path("product/<slug:slug>/", views.product, name="product"),
    path("picture/<int:version>/<slug:motif>/<slug:palette>/<slug:sku>.svg", views.picture, name="picture"),
]
