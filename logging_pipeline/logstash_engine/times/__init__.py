"""Dates as text, in the two notations of the JVM's world: Joda's patterns and java.time's."""
