"""What surrounds every page: header, menu, state line, keys, and the window's place."""
