"""Where the server is, who is signed in, and how the connection stands."""
