"""Measurements of speed and memory: `python dev.py bench [name …]`."""
