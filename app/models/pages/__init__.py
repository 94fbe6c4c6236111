"""What the pages show, and what they save to a file."""
