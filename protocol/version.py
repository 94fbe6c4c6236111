"""The version of Rostrum that this is."""

VERSION = "0.1.0"
"""By semantic versioning (https://semver.org). pyproject.toml reads it from here, so
that the program knows it however it was installed or packed."""
