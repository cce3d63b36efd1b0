"""How every form looks: one template for a field, Bulma's classes on its widget."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

__all__ = ["FormRenderer", "StyledField"]


class StyledField(forms.BoundField):
    """A field whose widget has the class that the style sheet knows, and is marked when it is wrong."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        wrong = " is-danger" if self.errors else ""
        look = next((css for kind, css in _LOOKS if isinstance(widget or self.field.widget, kind)), "")
        return {**attrs, "class": f"{look}{wrong}"} if look else attrs


class FormRenderer(TemplatesSetting):
    """Named by the setting FORM_RENDERER."""

    field_template_name = "forms/field.html"
    bound_field_class = StyledField


_LOOKS = ((forms.Textarea, "textarea"), (forms.CheckboxInput, ""), (forms.Select, "select-box"), (Input, "input"))
