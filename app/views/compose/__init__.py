"""Writing, editing and sending messages."""
