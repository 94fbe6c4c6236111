"""Client connections: what each may ask, and who answers."""
