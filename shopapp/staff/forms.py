"""Forms for staff."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.text import slugify

from shopapp.catalog.models import Product

__all__ = ["ProductForm"]

SKU = RegexValidator(r"^[A-Z]{3}-[0-9]{4}$", "Three capital letters, a hyphen, four digits, e.g. KIT-0102.")


class ProductForm(forms.ModelForm):
    """
    A product. Its stock is not typed over but added to, so that a sale in between is not undone.
    """

    price = forms.DecimalField(label="Price (€)", min_value=Decimal("0.01"), max_value=10_000, decimal_places=2)
    stock_change = forms.IntegerField(label="Add to stock", min_value=-100_000, max_value=100_000, initial=0)

    class Meta:
        model = Product
        fields = ["name", "sku", "category", "description", "motif", "palette", "restock_to", "is_active"]
        widgets = {"description": forms.Textarea(attrs={"rows": 5})}

    field_order = [
        "name",
        "sku",
        "category",
        "description",
        "price",
        "stock_change",
        "restock_to",
        "motif",
        "palette",
        "is_active",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sku"].validators.append(SKU)
        product = self.instance
        if product.pk:
            self.fields["sku"].disabled = True  # orders and events know the product by it
            self.initial["price"] = Decimal(product.price_cents).scaleb(-2)
            self.fields["stock_change"].help_text = f"{product.stock} in stock now; a minus takes away."
        else:
            self.fields["stock_change"].label = "In stock"
            self.fields["stock_change"].min_value = 0
            self.fields["stock_change"].validators.append(_not_negative)

    @property
    def added_stock(self) -> int:
        """How many to add; negative takes away."""
        return int(self.cleaned_data["stock_change"])

    def values(self) -> dict[str, Any]:
        """All columns of a new product."""
        data = self.cleaned_data
        own = {name: data[name] for name in self.Meta.fields}
        slug = slugify(f"{data['name']}-{data['sku']}")
        return {**own, "slug": slug, "price_cents": int(data["price"] * 100), "stock": self.added_stock}

    def changed_values(self) -> dict[str, Any]:
        """The columns that differ from what the form showed."""
        every = self.values()
        changed = {name: every[name] for name in self.changed_data if name in self.Meta.fields}
        if "price" in self.changed_data:
            changed["price_cents"] = every["price_cents"]
        return changed


def _not_negative(value: int) -> None:
    if value < 0:
        raise forms.ValidationError("Nothing or more.")
