"""What is seen and heard of the client outside of its window."""
