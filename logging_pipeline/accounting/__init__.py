"""What happened to every event, and what is wrong with the hops that it takes."""
