"""Searching the room: the field, what was found, and the way back."""
