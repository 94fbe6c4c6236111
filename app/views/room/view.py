"""The room: its header, its messages and, for an administrator, the panel to
write in."""

import tkinter as tk
from collections.abc import Callable
from typing import NamedTuple

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.connection.account import Account, AccountNotice
from app.models.connection.status import Phase, Status
from app.models.pages.pages import PageModels
from app.models.settings import Settings
from app.views.actions import RoomActions, WindowActions
from app.views.compose.message_dialogs import ReadDialog
from app.views.compose.outbox_strip import Outbox
from app.views.compose.send_panel import SendActions, SendPanel
from app.views.kit.avatar import Avatars
from app.views.kit.theme import px
from app.views.kit.widgets import follow, hairline
from app.views.room.message_menu import MessageMenu
from app.views.room.notice_strip import Notice, NoticeStrip
from app.views.room.operation_strip import OperationStrip
from app.views.room.pin_banner import PinBanner
from app.views.shell.header import Header, room_name
from app.views.timeline.receipts import MessageReceipts
from app.views.timeline.view import Timeline
from app.views.wording.pages import may_administer
from protocol.messages import RoomMessage

UNREACHABLE = (Phase.WAITING, Phase.UNTRUSTED, Phase.ENDED, Phase.NO_SERVER)


class Fit(NamedTuple):
    """How much there is of each at most, and how high what is left for the
    messages has to be, in logical pixels."""

    lines: int
    """To write in."""
    posts: int
    """On their way."""
    notices: int
    pins: int
    hint: int
    messages: int


FITS = (
    Fit(lines=8, posts=4, notices=5, pins=1, hint=1, messages=160),
    Fit(lines=5, posts=3, notices=5, pins=1, hint=1, messages=120),
    Fit(lines=3, posts=2, notices=2, pins=1, hint=1, messages=100),
    Fit(lines=3, posts=1, notices=1, pins=1, hint=1, messages=80),
    Fit(lines=2, posts=1, notices=1, pins=0, hint=1, messages=60),
    Fit(lines=1, posts=0, notices=0, pins=0, hint=0, messages=0),
)
"""From the roomiest on; the first that fits is taken."""


class RoomView(ttk.Frame):
    """Follows the models by itself. `timeline` is the feed."""

    def __init__(
        self,
        parent: tk.Misc,
        status: Status,
        account: Account,
        settings: Settings,
        outbox: Outbox,
        i18n: Translator,
        avatars: Avatars,
        actions: RoomActions,
        window: WindowActions,
        pages: PageModels,
        open_page: Callable[[str], None],
        open_roster: Callable[[RoomMessage], None],
    ) -> None:
        super().__init__(parent, name="room")
        self._status = status
        self._account = account
        self._outbox = outbox
        self._i18n = i18n
        self._actions = actions
        self._panel: SendPanel | None = None
        self._reading: ReadDialog | None = None
        self._author: int | None = None
        """Whose panel it is."""

        self.header = Header(
            self,
            status,
            account,
            settings,
            i18n,
            avatars,
            reconnect_now=actions.reconnect_now,
            sign_out=actions.sign_out,
            window=window,
            open_page=open_page,
        )
        self.header.grid(row=0, column=0, sticky="ew")
        hairline(self).grid(row=1, column=0, sticky="ew")
        notices = (
            Notice(
                "awaiting",
                lambda: pages.awaiting.people if may_administer(account) else 0,
                lambda: open_page("people"),
            ),
            Notice("open_asks", lambda: len(pages.receipts.open_asks), self._show_open_ask),
            *(self._account_notice(notice) for notice in AccountNotice),
        )
        models = (pages.awaiting, pages.receipts, account)
        self._strip = NoticeStrip(self, i18n, notices, models)
        self._strip.grid(row=2, column=0, sticky="ew")
        self._strip.refresh()
        self.menu = MessageMenu(
            self,
            status,
            account,
            pages.message_actions.versions,
            i18n,
            actions.message,
            open_roster,
        )
        self.pins = PinBanner(
            self, pages.message_actions.pins, i18n, self._go_to_pinned, self._menu_of_pinned
        )
        self.pins.grid(row=3, column=0, sticky="ew")
        self.pins.refresh()
        self.timeline = Timeline(
            self,
            i18n,
            avatars,
            need_older=actions.need_older,
            need_newer=actions.need_newer,
            show_latest=actions.show_latest,
            show_from=actions.show_from,
            own_id=lambda: account.person.id if account.person is not None else 0,
            open_menu=self.menu.open,
            open_roster=open_roster,
            open_link=actions.open_link,
            empty=self._empty_words,
            begin=lambda: open_page("invites"),
            mark_seen=actions.mark_seen,
            need_tallies=actions.need_tallies,
            beside=MessageReceipts(pages.receipts, account, status, i18n, actions.answer),
        )
        self._receipts = pages.receipts
        self.timeline.pane.grid(row=4, column=0, sticky="nsew")
        self._operation = OperationStrip(
            self, pages.message_actions.operation, status, i18n, actions.message.forget_operation
        )
        self._operation.grid(row=5, column=0, sticky="ew")
        self._operation.refresh()
        self._fitting: str | None = None
        for widget in (self, self._strip, self.pins, self._operation):
            self._fit_with(widget)
        self.bind("<Destroy>", lambda _event: self._stop_fitting(), add="+")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(4, weight=1)
        follow(self, self._refresh_receipts, pages.receipts)
        follow(self, self._refresh_status, status)
        follow(self, self._refresh_account, account)
        self._refresh_status()
        self._refresh_account()

    @property
    def panel(self) -> SendPanel | None:
        """Where an administrator writes; None for anybody else."""
        return self._panel

    def focus_first(self) -> None:
        """Put the keyboard where one begins: to write, or else to read."""
        if self._panel is not None:
            self._panel.focus_editor()
        else:
            self.timeline.pane.text.focus_set()

    def _refresh_status(self) -> None:
        self.timeline.set_room(room_name(self._status, self._i18n))
        self.timeline.set_reachable(self._status.now.phase not in UNREACHABLE)

    def _refresh_receipts(self) -> None:
        self.timeline.renew(self._receipts.take_news())

    def _refresh_account(self) -> None:
        person = self._account.person
        author = person.id if person is not None and self._account.may_post else None
        self.timeline.say_empty()
        if author == self._author:
            return
        self._author = author
        if self._panel is not None:
            self._panel.destroy()
            self._panel = None
        if author is not None:
            self._open_panel()

    def _empty_words(self) -> tuple[str, str]:
        """Return what comes next in a room in which nothing was announced yet."""
        t = self._i18n.t
        if may_administer(self._account):
            return t("timeline.empty_admin"), t("timeline.begin")
        return t("timeline.empty"), ""

    def _account_notice(self, notice: AccountNotice) -> Notice:
        """Shown until it was read."""
        account = self._account
        return Notice(
            notice.value, lambda: int(notice in account.notices), lambda: account.know(notice)
        )

    def _show_open_ask(self) -> None:
        """Go to the first announcement that waits for an answer."""
        asks = self._receipts.open_asks
        if asks:
            self._show_message(asks[0])

    def _show_message(self, message_id: int) -> bool:
        is_there = self.timeline.to_message(message_id) or self._actions.show_from(message_id)
        if is_there:
            self.timeline.pane.text.focus_set()
        return bool(is_there)

    def _go_to_pinned(self, message: RoomMessage) -> None:
        if self._show_message(message.id):
            return
        # Not connected, and further up than what is kept here: it can be read.
        if self._reading is None or self._reading.is_over:
            self._reading = ReadDialog(self, self._i18n, message)

    def _menu_of_pinned(self, message: RoomMessage, left: int, top: int) -> None:
        self.menu.open(message, "", left, top)

    def _open_panel(self) -> None:
        actions = self._actions
        self._panel = SendPanel(
            self,
            self._status,
            self._outbox,
            self._i18n,
            SendActions(actions.send, actions.write, actions.take_back, actions.discard),
        )
        self._panel.grid(row=6, column=0, sticky="ew")
        self._fit_with(self._panel)

    # --- in a small window ------------------------------------------------

    def _fit_with(self, widget: tk.Misc) -> None:
        """See whether everything fits whenever this has another size."""
        for change in ("<Configure>", "<Map>", "<Unmap>"):
            widget.bind(change, lambda _event: self._fit_soon(), add="+")

    def _fit_soon(self) -> None:
        if self._fitting is None:
            self._fitting = self.after_idle(self._fit)

    def _fit(self) -> None:
        """Take as much of what may be left out as the height allows, so that
        neither the messages nor the button to send go out of sight."""
        self._fitting = None
        room = self.winfo_height() - self.header.winfo_reqheight() - 1
        if self._operation.winfo_manager():
            room -= self._operation.winfo_reqheight()
        for fit in FITS:
            height = self._strip.height_with(fit.notices) + self.pins.height_with(fit.pins)
            if self._panel is not None:
                height += self._panel.height_with(fit.lines, fit.posts, fit.hint)
            if height + px(self, fit.messages) <= room or fit is FITS[-1]:
                break
        self._strip.limit(fit.notices)
        self.pins.limit(fit.pins)
        if self._panel is not None:
            self._panel.limit(fit.lines, fit.posts, fit.hint)

    def _stop_fitting(self) -> None:
        if self._fitting is not None:
            self.after_cancel(self._fitting)
            self._fitting = None
