"""What somebody is about to buy, with or without an account."""
