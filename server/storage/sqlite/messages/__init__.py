"""The room's messages in SQLite: what is kept of them, and how they are found."""
