"""The journey of an event: twelve stages, one module each; their alphabetical order is the order in which they happen."""
