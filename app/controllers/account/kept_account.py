"""What this computer keeps of the account that is open: its profile, its cache, its files."""

import logging
import sqlite3
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from app.controllers.common.requests import Later
from app.models import profile as profiles
from app.models.pages.pages import PageModels
from app.models.profile import Profile
from app.models.room.cache import Cache
from app.models.room.files import Files
from app.models.room.outbox import Outbox
from app.models.room.timeline import Timeline

log = logging.getLogger(__name__)

SCRUB_AFTER_S = 3.0
"""How long after a withdrawal its text is scrubbed from the cache's files: not in
the middle of what came with it."""


class KeptAccount:
    """Opens and closes the models that are stored, all of them together. `cache` is None
    while no account is open. Main thread only."""

    def __init__(
        self,
        data_dir: Path,
        timeline: Timeline,
        outbox: Outbox,
        pages: PageModels,
        later: Later,
    ) -> None:
        self.cache: Cache | None = None
        self._data_dir = data_dir
        self._timeline = timeline
        self._outbox = outbox
        self._pages = pages
        self._later = later
        self._profile: Profile | None = None
        self._is_scrubbing = False

    # -- the profile: who it was that signed in last --------------------------------------

    def load_profile(self) -> Profile | None:
        """Return who signed in here last, if that was to be kept."""
        return profiles.load(self._data_dir)

    def keep_profile(self, profile: Profile, keep: bool) -> None:
        """Keep this profile for the next start, or forget it."""
        if keep:
            profiles.save(self._data_dir, profile)
        else:
            profiles.forget(self._data_dir, profile.account)

    def forget_profile(self) -> None:
        """Forget who is signed in, if anybody is; what is stored stays until it is closed."""
        if self._profile is not None:
            profiles.forget(self._data_dir, self._profile.account)

    # -- what is stored --------------------------------------------------------------------

    def open(self, profile: Profile) -> None:
        """Show what is stored of this account, unless it is shown already. Raises
        sqlite3.Error where it can't be read."""
        path = profile.cache_path(self._data_dir)
        if self._profile is not None and self._profile.cache_path(self._data_dir) == path:
            return
        self.close()
        self._profile = profile
        self.cache = Cache(path)
        self._outbox.open(self.cache)
        self._timeline.open(self.cache, profile.person.id)
        self._open_beside(self.cache)
        self.scrub_soon()

    def begin_anew(self) -> None:
        """Show the timeline as it is stored: what it took since can't be relied on."""
        own_id = self._profile.person.id if self._profile is not None else 0
        self._timeline.open(self.cache, own_id)

    def go_on_in_memory(self, error: sqlite3.Error) -> None:
        """Hold the messages in memory from now on. What the models took from a batch that
        was undone on the disk can't be relied on, so they begin anew; posts are kept in
        the file as far as it takes them."""
        log.warning("the local cache failed; going on without: %s", error)
        if self.cache is not None:
            self.cache.close()
        if self._profile is None:
            self.close()
            return
        self.cache = Cache(self._profile.cache_path(self._data_dir), holds_messages=False)
        self._outbox.move(self.cache)
        self.begin_anew()
        self._open_beside(self.cache)

    def batch(self) -> AbstractContextManager[object]:
        """Store what comes in this context at once, or nothing of it."""
        return self.cache.batch() if self.cache is not None else nullcontext()

    def close(self) -> None:
        """Show nobody's, and let go of the cache's file."""
        self._profile = None
        self._timeline.open(None)
        self._open_beside(None)
        self._outbox.open(None)
        if self.cache is not None:
            self.cache.close()
            self.cache = None

    def scrub_soon(self) -> None:
        """Take the text of what was withdrawn out of the cache's files, if there is any."""
        if self.cache is not None and self.cache.is_scrub_due and not self._is_scrubbing:
            self._is_scrubbing = True
            self._later(SCRUB_AFTER_S, self._scrub)

    def _scrub(self) -> None:
        self._is_scrubbing = False
        if self.cache is not None and self.cache.is_scrub_due:
            self.cache.scrub()
        self.scrub_soon()

    def _open_beside(self, cache: Cache | None) -> None:
        """Open what is kept beside the timeline and the outbox."""
        self._pages.message_actions.pins.open(cache)
        self._pages.receipts.open(cache)
        self._pages.urgent.open(cache)
        self._pages.templates.open(cache)
        self._pages.attachments.open(cache, self._files(cache))

    def _files(self, cache: Cache | None) -> Files | None:
        """Return what is kept of attachments. The first client on it throws away what
        nothing refers to any more."""
        if cache is None or self._profile is None:
            return None
        files = Files(self._profile.files_path(self._data_dir))
        if cache.is_first:
            owned = {bytes.fromhex(name) for name, ids in cache.file_owners.items() if ids}
            files.keep_only(owned | cache.unsent_files)
        return files
