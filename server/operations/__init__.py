"""Tools for whoever runs a server: backup, health, metrics, logs, locks."""
