"""The client without its window: models, controllers and the network service.

The one place that knows them all. It turns each network event over to the
controllers it concerns and opens or closes what belongs to an account.
"""

import itertools
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from app.clock import SYSTEM, Clock
from app.controllers.account.credential_keeper import CredentialKeeper
from app.controllers.account.kept_account import KeptAccount
from app.controllers.account.own_account import OwnAccount
from app.controllers.account.sign_in import SignInController
from app.controllers.common.cache_guard import CacheGuard
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import Later, Requests
from app.controllers.desktop.attention import AttentionController
from app.controllers.desktop.autostart import AutostartController
from app.controllers.desktop.notifications import NotificationsController
from app.controllers.pages.administration import Administration
from app.controllers.pages.roster import RosterController
from app.controllers.pages.schedule import ScheduleController
from app.controllers.room.attachments import AttachmentsController
from app.controllers.room.link_opener import LinkOpener
from app.controllers.room.message_actions import MessageActionsController
from app.controllers.room.posting import PostingController
from app.controllers.room.receipts import ReceiptsController
from app.controllers.room.room import RoomController
from app.controllers.room.search import SearchController
from app.controllers.room.templates import TemplatesController
from app.controllers.room.urgent import UrgentController
from app.desktop.autostart import Autostart
from app.models.connection.account import Account, Field, FormError
from app.models.connection.address import Address, parse_address, parse_destination, server_key
from app.models.connection.status import Phase, RoomInfo, Status
from app.models.credentials import Credentials
from app.models.pages.pages import PageModels
from app.models.profile import Profile
from app.models.room.feed import Feed
from app.models.room.outbox import Outbox
from app.models.room.timeline import Timeline
from app.models.settings import Settings
from app.net.backoff import BackoffPolicy
from app.net.commands import Connect, Disconnect, Probe, ReconnectNow
from app.net.events import Connecting, Event, Greeted, Lost, Received, Untrusted
from app.net.service import NetworkService
from protocol.joincode import looks_like_one
from protocol.messages import Accepted, Attention, FromServer, SignedIn, Welcome, YouChanged
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

AGENT = "Rostrum client"


class Client:
    """One person's client. Main thread only; `later` calls a function after so
    many seconds on that thread. The public controllers are what the views declare that
    they need (`app.window.WindowActions`)."""

    def __init__(
        self,
        data_dir: Path,
        settings: Settings,
        credentials: Credentials,
        later: Later,
        backoff: BackoffPolicy | None = None,
        clock: Clock = SYSTEM,
        autostart: Autostart | None = None,
    ) -> None:
        self.settings = settings
        self.status = Status(clock)
        self.account = Account()
        self.timeline = Timeline()
        self.outbox = Outbox(clock)
        self.pages = PageModels()
        self.service = NetworkService(backoff or BackoffPolicy(), AGENT, clock)
        self._guard = CacheGuard(self._go_on_without_cache)
        self._targets = itertools.count(1)
        self._target = 0
        """Of the last Connect; 0: what the network still says is of no interest."""

        def safely_later(delay_s: float, due: Callable[[], None]) -> None:
            def safe() -> None:
                with self._guard:
                    due()

            later(delay_s, safe)

        self.kept = KeptAccount(data_dir, self.timeline, self.outbox, self.pages, safely_later)
        self._requests = Requests(self.service.command, safely_later, clock)
        # What lives with a sign-in begins in this order: first what waits is sent.
        self.posting = PostingController(
            self._requests,
            safely_later,
            self.outbox,
            self.timeline,
            self.pages.message_actions.operation,
            self.pages.attachments,
            self.status.server_now_ms,
        )
        self.attachments = AttachmentsController(
            self._requests,
            safely_later,
            self.pages.attachments,
            self.status,
            self.pages.message_actions.operation,
        )
        self.room = RoomController(
            self._requests,
            self._guard,
            self.timeline,
            self.outbox,
            self.status,
            self._come_back,
            self.attachments.heard,
            safely_later,
            clock,
        )
        self.reauthentication = Reauthentication(self._requests, self.pages.question)
        self.administration = Administration(self.reauthentication, safely_later, self.pages)
        self.own_account = OwnAccount(self.reauthentication, safely_later, self.pages, self.status)
        self.message_actions = MessageActionsController(
            self.reauthentication, self.pages.message_actions
        )
        self.links = LinkOpener(safely_later, self.pages.message_actions.operation, clock)
        self.receipts = ReceiptsController(
            self._requests, self._guard, safely_later, self.pages.receipts
        )
        self.search = SearchController(
            self._requests, self._guard, safely_later, self.timeline, self.pages.search
        )
        self.urgent = UrgentController(
            self._guard,
            safely_later,
            self.timeline,
            self.pages.receipts,
            self.pages.urgent,
            self.status.server_now_ms,
        )
        self.notifications = NotificationsController(
            safely_later,
            self.timeline,
            self.pages.receipts,
            settings,
            self.pages.notifications,
            self.status.server_now_ms,
            clock,
        )
        self.attention = AttentionController(self._requests, self.status, self.pages.notifications)
        self.autostart = AutostartController(safely_later, autostart, self.pages.desktop, clock)
        self.templates = TemplatesController(
            self.reauthentication, self.pages.templates, self.pages.message_actions.operation
        )
        self.schedule = ScheduleController(self.reauthentication, safely_later, self.pages.schedule)
        self.roster = RosterController(self.reauthentication, safely_later, self.pages.roster)
        self._parts = [one for one in vars(self).values() if isinstance(one, SignInPart)]
        self._keeper = CredentialKeeper(credentials, safely_later, clock)
        self.session = SignInController(
            self._requests,
            self.status,
            self.account,
            settings,
            self._keeper,
            self.reconnect_now,
            self._signed_in,
            self._signed_out,
            self.kept.keep_profile,
        )

    # -- beginning and end ---------------------------------------------------------------

    def open(self) -> None:
        """Show what is kept, and connect to the server that is known."""
        self.service.start()
        self.notifications.start()
        server = self.settings.values.server
        address = parse_address(server)
        profile = self.kept.load_profile()
        self._keeper.find(self.account.tell_store)
        if profile is not None and server_key(profile.server) == str(address):
            self._restore(profile)
        if address is not None:
            self._connect(address)
        elif server:
            self.connect(server)  # which tells what is wrong with it

    def _restore(self, profile: Profile) -> None:
        def restored() -> None:
            self.status.introduce(profile.room)
            with self._guard:
                self.kept.open(profile)

        self.session.restore(profile, restored)

    def close(self) -> None:
        """Hang up, and let go of the cache's file. The window may be gone."""
        self.service.stop()
        self.timeline.attach(None)
        self.administration.audit.give_up()
        self.kept.close()
        self._keeper.close()

    def attach_feed(self, feed: Feed) -> None:
        """Show the timeline in this feed."""
        self.timeline.attach(feed)

    def connect(self, typed: str) -> None:
        """Use the server at this address from now on."""
        destination = parse_destination(typed)
        if destination is None:
            code = "join_code_invalid" if looks_like_one(typed) else "address_invalid"
            self.account.refuse(FormError(Field.SERVER, code))
            return
        address = destination.address
        if destination.fingerprint:
            self._pin(address, destination.fingerprint.hex())
        # Neither a token nor a password goes to a server that it was not meant for.
        self.session.cancel()
        self.session.bring_invite(destination.invite)
        if self.account.person is not None and str(address) != self.status.now.address:
            self.session.sign_out()
        self.account.refuse(None)
        self._connect(address)

    def trust(self) -> None:
        """Take the certificate that was shown for that of the server whose address was
        typed. Never in place of one that is known."""
        now = self.status.now
        address = parse_address(now.address)
        if address is not None and now.shown_fingerprint and not now.known_fingerprint:
            self._pin(address, now.shown_fingerprint)
            self._connect(address)

    def _pin(self, address: Address, fingerprint: str) -> None:
        pins = self.settings.values.pins | {str(address): fingerprint}
        self.settings.change(pins=pins)

    def _connect(self, address: Address) -> None:
        with self._guard:
            self._hung_up()
        self.settings.change(server=str(address))
        self.status.update(
            phase=Phase.CONNECTING,
            address=str(address),
            reason="",
            retry_at=None,
            online=0,
            shown_fingerprint="",
            known_fingerprint="",
        )
        self._target = next(self._targets)
        pin = bytes.fromhex(self.settings.values.pins.get(str(address), ""))
        self.service.command(
            Connect(self._target, address.host, address.port, address.is_plain, pin)
        )

    def reconnect_now(self) -> None:
        """Do not wait for the next attempt's time."""
        address = parse_address(self.status.now.address)
        is_over = self.status.now.phase in (Phase.ENDED, Phase.UNTRUSTED)
        if is_over and address is not None:
            self._connect(address)
        else:
            self.service.command(ReconnectNow())

    def network_changed(self) -> None:
        """See at once whether the connection outlived a change of this machine's network."""
        self.service.command(Probe())

    def tray_stands(self, has_tray: bool) -> None:
        """Note whether there is a tray."""
        self.pages.desktop.set_tray(has_tray)

    def pay_attention(self, attention: Attention) -> None:
        """Note whether a person could see what this computer shows."""
        self.notifications.pay_attention(attention)

    # -- network events ----------------------------------------------------------------------

    def take(self, events: list[Event]) -> None:
        """Let a batch of events change the models."""
        try:
            with self.kept.batch():
                for event in events:
                    self._on_event(event)
            self.room.settle()
            self.urgent.settle()
            self.kept.scrub_soon()
        except sqlite3.Error as error:
            self._go_on_without_cache(error)
        except Exception:
            # As above, the batch was undone; what is stored is sound.
            log.exception("events were not taken in; beginning anew from what is stored")
            with self._guard:
                self.kept.begin_anew()
            self._come_back()

    def _on_event(self, event: Event) -> None:
        if not isinstance(event, Received) and event.target != self._target:
            return
        match event:
            case Connecting():
                self.status.update(phase=Phase.CONNECTING, retry_at=None)
            case Greeted(_, link, welcome):
                self._requests.begin(link)
                self.status.introduce(_room_info(welcome))
                self.status.set_clock(welcome.server_time_ms)
                self.session.greeted()
            case Received(link, message):
                if self._requests.is_current(link) and not self._requests.take(message):
                    self._on_push(message)
            case Lost(_, reason, retry_at):
                self._hung_up()
                self.status.update(phase=Phase.WAITING, reason=reason, retry_at=retry_at, online=0)
                self.session.lost(reason)
                if reason == Refusal.VERSION_UNSUPPORTED:
                    self.service.command(Disconnect())
                    self._target = 0
                    self.status.update(phase=Phase.ENDED, retry_at=None)
            case Untrusted(_, fingerprint):
                self._hung_up()
                self._target = 0
                self.status.update(
                    phase=Phase.UNTRUSTED,
                    retry_at=None,
                    online=0,
                    shown_fingerprint=fingerprint.hex(),
                    known_fingerprint=self.settings.values.pins.get(self.status.now.address, ""),
                )
                self.session.lost("untrusted")

    def _on_push(self, message: FromServer) -> None:
        if isinstance(message, YouChanged):
            self.session.changed(message.person)
        elif isinstance(message, Accepted):
            self.session.accepted()
        for part in self._parts:
            part.on_push(message)

    def _hung_up(self) -> None:
        self._requests.end()
        for part in self._parts:
            part.end()

    def _come_back(self) -> None:
        """Leave this link: what was said on it is of no use any more."""
        self._requests.abandon()
        self._hung_up()

    # -- the account ----------------------------------------------------------------------------

    def _signed_in(self, profile: Profile, answer: SignedIn, keep: bool) -> None:
        self.kept.keep_profile(profile, keep)
        self.kept.open(profile)
        for part in self._parts:
            part.begin(answer)

    def _signed_out(self) -> None:
        self.kept.forget_profile()
        for part in self._parts:
            part.clear()
        self.kept.close()

    def _go_on_without_cache(self, error: sqlite3.Error) -> None:
        self.kept.go_on_in_memory(error)
        self._come_back()


def _room_info(welcome: Welcome) -> RoomInfo:
    return RoomInfo(
        welcome.room_id,
        welcome.room_name,
        welcome.description,
        welcome.registration,
        welcome.limits,
        welcome.keep_days,
        welcome.asks_attention,
    )
