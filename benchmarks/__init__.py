"""Measurements, each runnable on its own: ``python -m benchmarks.engine``."""
