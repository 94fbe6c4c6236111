"""The catalogues hold everything that can be said, in both languages alike."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.i18n import LANGUAGES, Translator, catalogue, local_time, system_language
from app.models.settings import Language
from app.views.wording.states import reason_words
from protocol.limits import MAX_INTEGER
from protocol.messages import Limits
from protocol.refusals import Farewell, Refusal

APP = Path(__file__).resolve().parents[2] / "app"

OWN_CODES = (
    "unreachable", "lost", "not_rostrum", "address_invalid", "username_empty", "password_empty",
    "display_name_empty", "join_code_invalid", "no_tls", "untrusted", "unknown",
    "no_answer", "link_not_opened", "join_code_without_invite", "join_code_elsewhere", "code_empty",
    "password_wrong", "file_not_written", "offline", "file_empty", "file_missing", "file_not_read",
)  # fmt: skip

TODAY = date(2026, 3, 2)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def keys_in_the_code() -> dict[str, str]:
    """Every literal of the code that names a sentence, with its file. What is
    put into it at run time is `*`."""
    tables = {key.partition(".")[0] for key in catalogue("en")}
    found = {}
    for path in APP.glob("**/*.py"):
        for text in literals(ast.parse(path.read_bytes())):
            table, dot, rest = text.partition(".")
            if dot and table in tables and re.fullmatch(r"[a-z_.*]+", rest):
                found[text] = path.name
    return found


def literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
        )
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield from literals(part.value)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from literals(child)


def names(pattern: str, key: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", "[^.]+"), key))


def keys_without_forms() -> set[str]:
    return {key.removesuffix(".one").removesuffix(".other") for key in catalogue("en")}


def test_every_language_has_the_same_keys() -> None:
    english, chinese = (set(catalogue(name)) for name in ("en", "zh"))
    assert chinese == {key for key in english if not key.endswith(".one")}
    for key in english:
        if key.endswith(".one"):
            assert key.removesuffix("one") + "other" in english


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_words_and_the_placeholders_of_the_english_one(
    language: Language,
) -> None:
    for key, words in catalogue(language).items():
        assert words.strip() == words and words, key
        # A day is put together in its own way by each language.
        if not key.startswith("day."):
            assert placeholders(words) == placeholders(catalogue("en")[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted({*Refusal, *Farewell, *OWN_CODES}))
def test_p10_every_code_has_a_sentence(language: Language, code: str) -> None:
    sentence = catalogue(language)[f"reason.{code}"]
    assert sentence.endswith("。" if language == "zh" else ".")


@pytest.mark.parametrize("language", LANGUAGES)
def test_p10_no_sentence_is_for_a_code_that_nobody_gives(language: Language) -> None:
    reasons = {key for key in catalogue(language) if key.startswith("reason.")}
    assert reasons == {f"reason.{code}" for code in {*Refusal, *Farewell, *OWN_CODES}}


def test_every_key_that_the_code_asks_for_exists() -> None:
    asked = keys_in_the_code()
    assert len(asked) > 60
    for pattern, file in asked.items():
        assert any(names(pattern, key) for key in keys_without_forms()), f"{file}: {pattern}"


def test_every_sentence_is_asked_for_by_the_code() -> None:
    asked = keys_in_the_code()
    said = {key for key in keys_without_forms() if any(names(pattern, key) for pattern in asked)}
    assert keys_without_forms() - said == set()


def test_a_number_has_the_form_that_fits_it() -> None:
    english, chinese = Translator("en"), Translator("zh")
    assert english.t("send.too_long", n=1) == "1 character too many"
    for n in (0, 2, 4000):
        assert english.t("send.too_long", n=n) == f"{n} characters too many"
    assert chinese.t("send.too_long", n=1) == "超出 1 个字符"


def test_a_key_that_is_nowhere_is_shown_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    translator = Translator("zh")
    for _ in range(3):
        assert translator.t("no.such.key", n=2) == "no.such.key"
    assert len(caplog.records) == 1 and "no.such.key" in caplog.text


def test_a_key_that_only_english_has_is_said_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(catalogue("zh"), "send.button")
    assert Translator("zh").t("send.button") == "Send"
    assert Translator("zh").has("send.button")


def test_a_parameter_that_lacks_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert Translator("en").t("app.title") == "{room} – Rostrum"
    assert "app.title" in caplog.text


def test_what_is_put_in_is_never_taken_for_a_template() -> None:
    room = "{0} {room} {__class__} %s"
    assert Translator("en").t("app.title", room=room) == f"{room} – Rostrum"


def test_the_listeners_hear_of_a_switch_once_and_only_of_a_switch() -> None:
    translator = Translator("en")
    heard: list[str] = []
    translator.subscribe(lambda: heard.append(translator.language))
    translator.use("en")
    translator.use("zh")
    assert heard == ["zh"]


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (TODAY, "Today", "今天"),
        (TODAY - timedelta(1), "Yesterday", "昨天"),
        (date(2026, 1, 15), "Thursday 15 January", "1月15日 星期四"),
        (date(2026, 3, 3), "Tuesday 3 March", "3月3日 星期二"),
        (date(2025, 12, 31), "Wednesday 31 December 2025", "2025年12月31日 星期三"),
        (date(1, 1, 1), "Monday 1 January 1", "1年1月1日 星期一"),
    ],
)
def test_a_day_as_a_heading(day: date, english: str, chinese: str) -> None:
    assert Translator("en").day(day, TODAY) == english
    assert Translator("zh").day(day, TODAY) == chinese


def test_new_years_eve_is_yesterday_on_the_first_of_january() -> None:
    assert Translator("en").day(date(2025, 12, 31), date(2026, 1, 1)) == "Yesterday"


def test_the_time_of_day_is_local_and_has_two_digits_each() -> None:
    moment = datetime(2026, 3, 2, 7, 5, 59)
    assert Translator("en").time(round(moment.timestamp() * 1000)) == "07:05"


@pytest.mark.parametrize("at_ms", [MAX_INTEGER, 10**15 * 4, -(10**18)])
def test_a_moment_that_no_calendar_reaches_has_no_time(at_ms: int) -> None:
    assert local_time(at_ms) is None
    assert Translator("en").time(at_ms) == ""


def test_the_first_moment_has_a_time() -> None:
    assert re.fullmatch(r"\d\d:\d\d", Translator("en").time(0))


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows has an interface of its own")
@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LC_MESSAGES": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
    ],
)
def test_the_systems_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: Language
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert system_language() == language


def test_p10_a_sentence_with_a_bound_tells_the_rooms_own() -> None:
    limits = Limits(password_min_chars=17)
    assert "17" in reason_words(Translator("en"), "password_too_short", limits, {})


def test_chinese_and_latin_letters_stand_apart_whatever_fills_a_placeholder() -> None:
    t = Translator("zh").t
    assert t("ask.promote", name="Ben Osei") == "将 Ben Osei 设为管理员吗？"
    assert t("ask.promote", name="李明") == "将李明设为管理员吗？"
    assert t("done.remove", name="ben") == "已移除 ben。"
    assert t("sign_in.welcome_to", room="Northgate") == "欢迎来到 Northgate"
    assert t("done.reset", name="Zoë 王") == "已重置 Zoë 王的密码。"
    assert Translator("en").t("ask.promote", name="Ben") == "Make Ben an administrator?"
