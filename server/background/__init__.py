"""Work that the server starts by itself while it serves."""
