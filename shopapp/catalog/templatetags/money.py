"""Amounts of money, as people write them."""

from django import template

__all__ = ["euros"]

register = template.Library()


@register.filter
def euros(cents: int) -> str:
    """123456 → €1,234.56."""
    return f"€{cents // 100:,}.{cents % 100:02}"
