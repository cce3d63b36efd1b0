"""Kibana's saved objects: what is wrong with an export, what importing it would change, its import and the way back."""
