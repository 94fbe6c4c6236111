"""The room: header, notices, timeline and send panel in one view."""
