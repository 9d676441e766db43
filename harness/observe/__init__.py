"""Witnesses of the harness: its own SQL, its own bus subscriber, rows it plants."""
