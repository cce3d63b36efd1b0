"""What an event is: nested dicts and lists, its timestamp, field references, sprintf, and the way in and out."""
