"""What is on sale: categories, products, search, stock."""
