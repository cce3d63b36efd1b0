"""Pages for those who run the shop."""
