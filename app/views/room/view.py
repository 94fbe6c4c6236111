"""The room: its header, its messages and, for an administrator, the panel to
write in."""

import tkinter as tk
from typing import Protocol

import ttkbootstrap as ttk

from app.models.connection.account import AccountNotice
from app.models.connection.status import Phase
from app.models.pages.pages import PageModels
from app.views.compose.attaching import AttachActions
from app.views.compose.message_dialogs import ReadDialog
from app.views.compose.outbox_strip import Outbox
from app.views.compose.send_panel import PostActions, SendPanel
from app.views.compose.templates import TemplateActions
from app.views.context import ViewContext
from app.views.kit.widgets import follow, hairline
from app.views.room.fitting import Fitting
from app.views.room.message_menu import MessageActions, MessageMenu
from app.views.room.notice_strip import Notice, NoticeStrip
from app.views.room.operation_strip import OperationStrip
from app.views.room.pin_banner import PinBanner
from app.views.room.searching import RoomSearch
from app.views.room.urgent_window import UrgentActions, UrgentAlert
from app.views.search.view import SearchActions
from app.views.shell.header import Header, room_name
from app.views.shell.menu import Navigation
from app.views.timeline.below import Below
from app.views.timeline.files import FileActions, MessageFiles
from app.views.timeline.receipts import MessageReceipts, ReceiptActions
from app.views.timeline.view import HistoryActions, Timeline
from protocol.messages import Attention, RoomMessage

UNREACHABLE = (Phase.WAITING, Phase.UNTRUSTED, Phase.ENDED, Phase.NO_SERVER)


class SignOutActions(Protocol):
    """What can be done with one's session here."""

    def sign_out(self) -> None:
        """Leave the room."""


class LinkActions(Protocol):
    """What can be done with a web address."""

    def open(self, url: str) -> None:
        """Open it in the browser."""


class AttachmentActions(AttachActions, FileActions, Protocol):
    """What can be done with files."""


class RoomActions(Protocol):
    """What can be done in the room, by what it is done to."""

    @property
    def session(self) -> SignOutActions: ...

    @property
    def room(self) -> HistoryActions: ...

    @property
    def posting(self) -> PostActions: ...

    @property
    def receipts(self) -> ReceiptActions: ...

    @property
    def search(self) -> SearchActions: ...

    @property
    def urgent(self) -> UrgentActions: ...

    @property
    def templates(self) -> TemplateActions: ...

    @property
    def attachments(self) -> AttachmentActions: ...

    @property
    def message_actions(self) -> MessageActions: ...

    @property
    def links(self) -> LinkActions: ...

    def reconnect_now(self) -> None:
        """Try to connect at once."""


class RoomNavigation(Navigation, Protocol):
    """Where one can go from the room."""

    def open_roster(self, message: RoomMessage) -> None:
        """Show who has confirmed this message and who has not."""

    def show_message(self, message_id: int) -> None:
        """Show the window, and the room at this message."""


class RoomView(ttk.Frame):
    """Follows the models by itself. `timeline` is the feed."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        outbox: Outbox,
        pages: PageModels,
        actions: RoomActions,
        navigation: RoomNavigation,
    ) -> None:
        super().__init__(parent, name="room")
        self._context = context
        self._outbox = outbox
        self._actions = actions
        self._navigation = navigation
        status, account = context.status, context.account
        self._panel: SendPanel | None = None
        self._reading: ReadDialog | None = None
        self._author: int | None = None
        """Whose panel it is."""

        self.header = Header(
            self, context, navigation, actions.reconnect_now, actions.session.sign_out
        )
        self.header.grid(row=0, column=0, sticky="ew")
        hairline(self).grid(row=1, column=0, sticky="ew")
        notices = (
            Notice(
                "awaiting",
                lambda: pages.awaiting.people if context.may_administer else 0,
                lambda: navigation.open_page("people"),
            ),
            Notice(
                "scheduled_held",
                lambda: pages.schedule.upcoming.held if context.may_administer else 0,
                lambda: navigation.open_page("schedule"),
            ),
            Notice("open_asks", lambda: len(pages.receipts.open_asks), self._show_open_ask),
            *(self._account_notice(notice) for notice in AccountNotice),
        )
        models = (pages.awaiting, pages.schedule, pages.receipts, account)
        self._strip = NoticeStrip(self, context.i18n, notices, models)
        self._strip.grid(row=2, column=0, sticky="ew")
        self._strip.refresh()
        self.menu = MessageMenu(
            self,
            context,
            pages.message_actions.versions,
            actions.message_actions,
            navigation.open_roster,
        )
        self.pins = PinBanner(
            self, pages.message_actions.pins, context.i18n, self._go_to_pinned, self._menu_of_pinned
        )
        self.pins.grid(row=3, column=0, sticky="ew")
        self.pins.refresh()
        receipts = MessageReceipts(context, pages.receipts, actions.receipts)
        self._attachments = pages.attachments
        self._files = MessageFiles(context, pages.attachments, actions.attachments)
        self.timeline = Timeline(
            self,
            context,
            actions.room,
            actions.receipts,
            self,
            Below(receipts, self._files),
        )
        self._urgent = UrgentAlert(self, context, pages.urgent, receipts, actions.urgent, self)
        self._receipts = pages.receipts
        self._notifications = pages.notifications
        self._templates = pages.templates
        self._schedule = pages.schedule
        self.timeline.pane.grid(row=5, column=0, sticky="nsew")
        search = RoomSearch(self, context, pages.search, actions.search, self.timeline, self)
        search.place(row=5, strip_row=4)
        search.add_box(self.header.tools)
        self.search = search.view
        self._operation = OperationStrip(
            self,
            context,
            pages.message_actions.operation,
            actions.message_actions.forget_operation,
        )
        self._operation.grid(row=6, column=0, sticky="ew")
        self._operation.refresh()
        fixed = (self.header, self.search.strip, self._operation)
        self._fitting = Fitting(self, fixed, self._strip, self.pins, lambda: self._panel)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(5, weight=1)
        follow(self, self._refresh_receipts, pages.receipts)
        follow(self, self._refresh_files, pages.attachments)
        self.bind("<Destroy>", self._end_pictures, add="+")
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
        status = self._context.status
        self.timeline.set_room(room_name(status, self._context.i18n))
        self.timeline.set_reachable(status.now.phase not in UNREACHABLE)

    def _refresh_receipts(self) -> None:
        changed = self._receipts.take_news()
        self.timeline.renew(changed)
        self._urgent.renew(changed)

    def _refresh_files(self) -> None:
        with_files = [one for one in self.timeline.messages if one.attachments]
        self.timeline.renew({message.id for message in with_files})

    def _end_pictures(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            self._files.pictures.close()

    def _refresh_account(self) -> None:
        account = self._context.account
        person = account.person
        author = person.id if person is not None and account.may_post else None
        self.timeline.say_empty()
        if person is None:
            self.search.leave()
        if author == self._author:
            return
        self._author = author
        if self._panel is not None:
            self._panel.destroy()
            self._panel = None
        if author is not None:
            self._open_panel()

    # --- what is done in the timeline -------------------------------------

    def open_menu(self, message: RoomMessage, selected: str, left: int, top: int) -> None:
        """Open a message's menu here, in screen pixels; `selected` is the marked text."""
        self.menu.open(message, selected, left, top)

    def open_roster(self, message: RoomMessage) -> None:
        """Show who has confirmed this message and who has not."""
        self._navigation.open_roster(message)

    def open_link(self, url: str) -> None:
        """Open this web address in the browser."""
        self._actions.links.open(url)

    def begin(self) -> None:
        """Let people in: that comes first in an empty room."""
        self._navigation.open_page("invites")

    def empty_words(self) -> tuple[str, str]:
        """Return what comes next in a room in which nothing was announced yet."""
        t = self._context.t
        if self._context.may_administer:
            return t("timeline.empty_admin"), t("timeline.begin")
        return t("timeline.empty"), ""

    def is_screen_locked(self) -> bool:
        return self._notifications.attention is Attention.LOCKED

    def _account_notice(self, notice: AccountNotice) -> Notice:
        """Return the notice that is shown until it was read."""
        account = self._context.account
        return Notice(
            notice.value, lambda: int(notice in account.notices), lambda: account.know(notice)
        )

    def _show_open_ask(self) -> None:
        """Go to the first announcement that waits for an answer."""
        asks = self._receipts.open_asks
        if asks:
            self.show_message(asks[0])

    def show_message(self, message_id: int) -> bool:
        """Go to this message. False: it is not here, and can't be had now."""
        self.search.leave()
        return self.go_to(message_id)

    def go_to(self, message_id: int) -> bool:
        """Go to this message, with the keyboard. False: it can't be had now."""
        is_there = self.timeline.go_to(message_id)
        if is_there:
            self.timeline.pane.text.focus_set()
        return is_there

    def show_urgent(self, message: RoomMessage) -> None:
        """Bring the room to the front, at this message."""
        self._navigation.show_message(message.id)

    def escape(self) -> None:
        """Go one step back in the search, if there is one."""
        if self.search.is_open:
            self.search.back()

    def _go_to_pinned(self, message: RoomMessage) -> None:
        if self.show_message(message.id):
            return
        self.read(message)

    def read(self, message: RoomMessage) -> None:
        """Show a message by itself: not connected, and further up than what is kept here,
        it can be read."""
        if self._reading is None or self._reading.is_over:
            self._reading = ReadDialog(self, self._context, message)

    def _menu_of_pinned(self, message: RoomMessage, left: int, top: int) -> None:
        self.menu.open(message, "", left, top)

    def _open_panel(self) -> None:
        self._panel = SendPanel(
            self,
            self._context,
            self._outbox,
            self._actions.posting,
            self._templates,
            self._actions.templates,
            self._actions.attachments,
            self._schedule,
            lambda: self._navigation.open_page("schedule"),
        )
        self._panel.grid(row=7, column=0, sticky="ew")
        self._fitting.follow(self._panel)
