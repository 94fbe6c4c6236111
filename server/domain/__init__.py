"""The room and its rules. Knows neither sockets nor SQL nor threads."""
