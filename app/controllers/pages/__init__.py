"""What administrators do on their pages."""
