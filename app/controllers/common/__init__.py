"""Requests to the server, and what the controllers share."""
