"""The journey of an event: twelve stages, one module each, named so that the alphabet is their order."""
