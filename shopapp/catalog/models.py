"""Categories and products."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from shopapp.catalog.pictures import VERSION, motif_choices, palette_choices

__all__ = ["Category", "Product"]


class Category(models.Model):
    """A shelf of the shop."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    blurb = models.CharField(max_length=160, help_text="One line under the name.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])


class Product(models.Model):
    """Something to buy; its price is in cents, its picture is drawn from motif and palette."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    sku = models.CharField("SKU", max_length=24, unique=True, help_text="The article number, e.g. KIT-0102.")
    slug = models.SlugField(max_length=90, unique=True)
    name = models.CharField(max_length=90)
    description = models.TextField(max_length=1200)
    price_cents = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(10_000_00)])
    stock = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(100_000)])
    restock_to = models.PositiveIntegerField(
        "order again up to",
        default=0,
        validators=[MaxValueValidator(100_000)],
        help_text="When it runs low it is ordered again up to this number; 0: never.",
    )
    motif = models.CharField("picture", max_length=24, choices=motif_choices)
    palette = models.CharField("colours", max_length=24, choices=palette_choices)
    is_active = models.BooleanField("on sale", default=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        indexes = [
            models.Index(fields=["category", "is_active", "price_cents"]),
            models.Index(fields=["is_active", "-added_at"]),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(stock__gte=0), name="product_stock_not_negative")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def picture_url(self) -> str:
        """Names all that the picture is drawn from, so that a browser may keep it."""
        return reverse("catalog:picture", args=[VERSION, self.motif, self.palette, self.sku])
