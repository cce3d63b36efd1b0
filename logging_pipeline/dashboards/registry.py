"""The panel types there are: one for each file in `panels`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType

from logging_pipeline.dashboards import panels
from logging_pipeline.dashboards.panel_type import PanelType

__all__ = ["panel_types"]


@cache
def panel_types() -> MappingProxyType[str, PanelType]:
    """Name → type, found by listing the folder: a new type is one file that ends in ``PANEL = …()``."""
    modules = (
        importlib.import_module(f"{panels.__name__}.{found.name}") for found in pkgutil.iter_modules(panels.__path__)
    )
    return MappingProxyType({module.PANEL.name: module.PANEL for module in modules})
