"""Syntax: what a file holds, in its own order, before anyone asks what it means."""
