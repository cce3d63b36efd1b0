"""
What passes by, for people who watch: Redis' channels, filtered, to a browser by server-sent events.

It loses events rather than hold anything up, and says how many. Where every event matters, the log search is the place.
"""
