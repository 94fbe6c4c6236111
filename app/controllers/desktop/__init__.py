"""What is told and asked outside of the window."""
