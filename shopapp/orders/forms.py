"""The form at the checkout."""

from __future__ import annotations

import re
import uuid
from datetime import date

from django import forms
from django.utils import timezone

from shopapp.orders.models import COUNTRIES
from shopapp.payments.provider import TEST_CARDS, Card

__all__ = ["CheckoutForm"]

ADDRESS = ("name", "street", "postcode", "city", "country")


def _text(label: str, max_length: int, autocomplete: str, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, max_length=max_length, widget=widget)


class CheckoutForm(forms.Form):
    """Where to send it and how to pay. Only test cards are taken, so that nobody types a real one for long."""

    name = _text("Full name", 120, "name")
    street = _text("Street and number", 160, "street-address")
    postcode = _text("Postcode", 16, "postal-code")
    city = _text("Town", 80, "address-level2")
    country = forms.ChoiceField(
        label="Country", choices=COUNTRIES, initial="DE", widget=forms.Select(attrs={"autocomplete": "country"})
    )
    card_number = _text("Card number", 23, "cc-number", inputmode="numeric", placeholder="4242 4242 4242 4242")
    card_expiry = _text("Expiry (MM/YY)", 7, "cc-exp", inputmode="numeric", placeholder="12/34")
    card_cvc = _text("Security code", 4, "cc-csc", inputmode="numeric", placeholder="123")
    checkout_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    agreed_cents = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def clean_card_number(self) -> str:
        number = re.sub(r"[ -]", "", self.cleaned_data["card_number"])
        if number not in TEST_CARDS:
            raise forms.ValidationError("This shop takes test cards only: try 4242 4242 4242 4242.")
        return number

    def clean_card_expiry(self) -> str:
        text: str = self.cleaned_data["card_expiry"].replace(" ", "")
        found = re.fullmatch(r"(0[1-9]|1[0-2])/(?:20)?(\d\d)", text)
        if not found:
            raise forms.ValidationError("Write it as on the card: month, slash, year, e.g. 12/34.")
        month, year = int(found[1]), 2000 + int(found[2])
        today: date = timezone.localdate()
        if (year, month) < (today.year, today.month):
            raise forms.ValidationError("This card has expired.")
        return f"{month:02}/{year}"

    def clean_card_cvc(self) -> str:
        code: str = self.cleaned_data["card_cvc"].strip()
        if not re.fullmatch(r"\d{3,4}", code):
            raise forms.ValidationError("Three or four digits, on the back of the card.")
        return code

    @property
    def address(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ADDRESS}

    @property
    def card(self) -> Card:
        data = self.cleaned_data
        return Card(data["card_number"], data["card_expiry"], data["card_cvc"])
