"""Kibana's saved objects: what is wrong with an export, said before anybody imports it."""
