"""The shop: a Django project that uses the library as any other project would."""
