"""How hypothesis runs here: no deadline, since a shared machine may stall."""

from hypothesis import settings

settings.register_profile("protocol", deadline=None)
settings.load_profile("protocol")
