"""The messages as they are held, kept and sent."""
