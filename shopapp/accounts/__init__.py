"""Who shops here: accounts by e-mail address, log-in, sign-up."""
