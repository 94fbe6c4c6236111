"""The room's messages: what is kept of them, and what becomes of them."""
