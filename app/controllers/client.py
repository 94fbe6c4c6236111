"""The client without its window: models, controllers and the network service.

The one place that knows them all. It turns each network event over to the
controllers it concerns and opens or closes what belongs to an account.
"""

import logging
import sqlite3
from contextlib import nullcontext
from pathlib import Path

from app.controllers.address import parse_address
from app.controllers.posting import PostingController
from app.controllers.requests import Later, Requests
from app.controllers.room import RoomController
from app.controllers.sign_in import SignInController
from app.models import profile as profiles
from app.models.account import Account, Field, FormError
from app.models.cache import Cache
from app.models.credentials import Credentials
from app.models.feed import Feed
from app.models.outbox import Outbox
from app.models.profile import Profile
from app.models.settings import Settings
from app.models.status import Phase, RoomInfo, Status
from app.models.timeline import Timeline
from app.net.backoff import BackoffPolicy
from app.net.commands import Connect, Disconnect, ReconnectNow
from app.net.events import Connecting, Event, Greeted, Lost, Received
from app.net.service import NetworkService
from protocol.messages import SignedIn, Welcome
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

AGENT = "Rostrum client"


class Client:
    """One person's client. Main thread only; `later` calls a function after so
    many seconds on that thread. The actions are those of `app/views/actions.py`."""

    def __init__(
        self,
        data_dir: Path,
        settings: Settings,
        credentials: Credentials,
        later: Later,
        backoff: BackoffPolicy | None = None,
    ) -> None:
        self.settings = settings
        self.status = Status()
        self.account = Account()
        self.timeline = Timeline()
        self.outbox = Outbox()
        self.service = NetworkService(backoff or BackoffPolicy(), AGENT)
        self._data_dir = data_dir
        self._cache: Cache | None = None
        self._profile: Profile | None = None
        self._requests = Requests(self.service.command)
        self._room = RoomController(
            self._requests, self.timeline, self.outbox, self.status, later, self._reconnect
        )
        self._posting = PostingController(self._requests, self.outbox, self.timeline, later)
        self._sign_in = SignInController(
            self._requests,
            self.status,
            self.account,
            settings,
            credentials,
            later,
            self._signed_in,
            self._signed_out,
        )
        self.sign_in = self._sign_in.sign_in
        self.register = self._sign_in.register
        self.sign_out = self._sign_in.sign_out
        self.send = self._posting.send
        self.edit_refused = self._posting.edit_refused
        self.discard = self._posting.discard
        self.need_older = self._room.need_older
        self.need_newer = self.timeline.show_newer
        self.show_latest = self.timeline.show_latest

    # -- beginning and end ---------------------------------------------------------------

    def open(self) -> None:
        """Show what is kept, and connect to the server that is known."""
        self.service.start()
        server = self.settings.values.server
        profile = profiles.load(self._data_dir)
        if profile is not None and profile.server == server and self._sign_in.restore(profile):
            self.status.introduce(profile.room)
            self._open_account(profile)
        if server:
            self.connect(server)

    def close(self) -> None:
        """Hang up, and let go of the cache's file. The window may be gone."""
        self.service.stop()
        self.timeline.attach(None)
        self._close_account()

    def attach_feed(self, feed: Feed) -> None:
        """Show the timeline in this feed."""
        self.timeline.attach(feed)

    def connect(self, typed: str) -> None:
        """Use the server at this address from now on."""
        address = parse_address(typed)
        if address is None:
            self.account.refuse(FormError(Field.SERVER, "address_invalid"))
            return
        self._hung_up()
        self.account.refuse(None)
        self.settings.change(server=str(address))
        self.status.update(phase=Phase.CONNECTING, address=str(address), reason="", retry_at=None)
        self.service.command(Connect(address.host, address.port))

    def reconnect_now(self) -> None:
        """Do not wait for the next attempt's time."""
        if self.status.now.phase is Phase.ENDED:
            self._reconnect()
        else:
            self.service.command(ReconnectNow())

    # -- network events ----------------------------------------------------------------------

    def take(self, events: list[Event]) -> None:
        """Let a batch of events change the models."""
        try:
            with self._cache.batch() if self._cache else nullcontext():
                for event in events:
                    self._on_event(event)
        except sqlite3.Error as error:
            # The batch was undone on the disk, so what the models took from it
            # can't be relied on.
            log.warning("the local cache failed; going on without: %s", error)
            self._go_on_in_memory()
        self._room.settle()

    def _on_event(self, event: Event) -> None:
        match event:
            case Connecting():
                self.status.update(phase=Phase.CONNECTING, retry_at=None)
            case Greeted(link, welcome):
                self._requests.begin(link)
                self.status.introduce(_room_info(welcome))
                self._sign_in.greeted()
            case Received(link, message):
                if self._requests.is_current(link) and not self._requests.take(message):
                    self._room.take(message)
            case Lost(reason, retry_at):
                self._hung_up()
                self.status.update(phase=Phase.WAITING, reason=reason, retry_at=retry_at, online=0)
                self._sign_in.lost(reason)
                if reason == Refusal.VERSION_UNSUPPORTED:
                    self.service.command(Disconnect())
                    self.status.update(phase=Phase.ENDED, retry_at=None)

    def _hung_up(self) -> None:
        self._requests.end()
        self._room.end()
        self._posting.end()

    def _reconnect(self) -> None:
        self.connect(self.status.now.address)

    # -- the account ----------------------------------------------------------------------------

    def _signed_in(self, profile: Profile, answer: SignedIn, keep: bool) -> None:
        profiles.save(self._data_dir, profile if keep else None)
        self._open_account(profile)
        self._posting.begin()
        self._room.begin(answer)

    def _signed_out(self) -> None:
        profiles.save(self._data_dir, None)
        self._room.end()
        self._posting.end()
        self._close_account()

    def _open_account(self, profile: Profile) -> None:
        path = profile.cache_path(self._data_dir)
        if self._profile is not None and self._profile.cache_path(self._data_dir) == path:
            return
        self._close_account()
        self._profile = profile
        self._cache = Cache(path)
        self.outbox.open(self._cache)
        self.timeline.open(self._cache)

    def _go_on_in_memory(self) -> None:
        posts = self.outbox.items
        if self._cache is not None:
            self._cache.close()
        self._cache = Cache(None)
        for post in posts:
            self._cache.keep_post(post)
        self.outbox.open(self._cache)
        self.timeline.open(self._cache)
        self._reconnect()

    def _close_account(self) -> None:
        self._profile = None
        self.timeline.open(None)
        self.outbox.open(None)
        if self._cache is not None:
            self._cache.close()
            self._cache = None


def _room_info(welcome: Welcome) -> RoomInfo:
    return RoomInfo(
        welcome.room_id,
        welcome.room_name,
        welcome.description,
        welcome.registration,
        welcome.limits,
    )
