"""Files and their locks."""
