"""The library: a Django project's structured logs, carried without loss."""
