"""The audit log, as an administrator reads and saves it."""

from datetime import datetime
from pathlib import Path
from tkinter import filedialog

import pytest

from app.i18n import LANGUAGES, Translator
from app.models.connection.status import Phase
from app.views.wording.pages import action, actor, detail
from protocol.messages import AuditEntry
from server.domain.audit import AuditAction
from tests.support.pages import entry
from tests.support.window import ALICE, Window

NOW_MS = 1_795_446_000_000

ACTIONS = (
    "registered", "person_added", "approved", "declined", "role_changed", "disabled", "enabled",
    "removed", "password_reset", "reset_redeemed", "password_changed", "session_ended",
    "signed_out_everywhere", "invite_created", "invite_revoked", "restored",
)  # fmt: skip


@pytest.fixture
def audit(window: Window) -> Window:
    window.root.geometry("1100x700")
    window.enter(ALICE)
    window.root.open_page("audit")
    window.pages.audit.listing.show((entry(2), entry(1, "set_on_fire", "")), False)
    window.root.update()
    return window


def test_who_did_what_to_whom_from_where(audit: Window) -> None:
    tree = audit.find("rows")
    assert tuple(tree.item("2", "values"))[1:] == (
        "alice",
        "Changed a role",
        "bob",
        "Administrator",
        "192.0.2.7",
    )
    assert tree.item("1", "values")[2] == "set_on_fire"
    tree.selection_set("2")
    audit.root.update()
    assert audit.says("entry_action") == "Changed a role"
    assert "→ bob" in audit.says("entry_detail")


NOW = datetime.fromtimestamp(NOW_MS / 1000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_words_and_an_unknown_one_is_shown_as_it_is(language: str) -> None:
    i18n = Translator("zh" if language == "zh" else "en")
    words = [action(i18n, entry(1, name)) for name in ACTIONS]
    assert len(set(words)) == len(ACTIONS) and not set(words) & set(ACTIONS)
    assert action(i18n, entry(1, "set_on_fire")) == "set_on_fire"
    assert detail(i18n, entry(1, detail="member"), NOW) in ("Member", "成员")
    assert detail(i18n, entry(1, detail="a phone"), NOW) == "a phone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_and_detail_of_the_server_is_in_words(language: str) -> None:
    i18n = Translator("zh" if language == "zh" else "en")
    for name in AuditAction:
        assert action(i18n, entry(1, name.value)) != name.value
    for written in (
        "admin",
        "member, uses: 30",
        "admin, invite #7",
        "awaits approval",
        "made by bob",
        "for 2026-11-30T08:00:00Z",
    ):
        said = detail(i18n, entry(1, detail=written), NOW)
        assert said != written and "{" not in said
        assert all(part in said for part in written.split() if part in ("30", "#7", "bob"))
    operator = AuditEntry(1, NOW_MS, "(operator)", "restored", "", "", "")
    assert actor(i18n, operator) in ("At the server", "服务器本机")
    assert actor(i18n, entry(1)) == "alice"


def test_it_is_saved_where_the_person_says(
    audit: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = ["", str(tmp_path / "log.csv")]
    asked: list[dict[str, object]] = []

    def choose(**options: object) -> str:
        asked.append(options)
        return chosen.pop(0)

    # The system's own dialog, which no test can serve.
    monkeypatch.setattr(filedialog, "asksaveasfilename", choose)
    audit.click("save_csv")
    assert audit.calls_of("save") == []
    audit.click("save_csv")
    assert audit.calls_of("save") == [tmp_path / "log.csv"]
    assert str(asked[0]["initialfile"]).endswith(".csv")


def test_the_saving_is_told(audit: Window) -> None:
    operation = audit.pages.audit.operation
    operation.start("save", n=0, file="log.csv", search="")
    operation.tell(n=200)
    audit.root.update()
    assert audit.says("notice") == "Writing log.csv: 200 entries so far…"
    assert audit.find("save_csv").instate(["disabled"])
    operation.tell(n=450)
    operation.finish()
    audit.root.update()
    assert audit.says("notice") == "log.csv holds all 450 entries."
    audit.status.update(phase=Phase.WAITING)
    audit.root.update()
    assert audit.find("save_csv").instate(["disabled"])
