"""How many of a product."""

from __future__ import annotations

from django import forms

from shopapp.cart.services import MAX_QUANTITY

__all__ = ["AddForm", "QuantityForm"]


class AddForm(forms.Form):
    """From a product's page."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, initial=1)


class QuantityForm(forms.Form):
    """From the cart; 0 takes the product out."""

    quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY)
