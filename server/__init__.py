"""The Rostrum server: one room, one select()-based process."""
