"""Widgets, fields, tables, dialogs, and how they look."""
