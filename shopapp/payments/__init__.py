"""How an order is paid, with a test provider that sometimes declines."""
