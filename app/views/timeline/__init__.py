"""The messages, as one reads and scrolls them."""
