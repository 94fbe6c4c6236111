"""Keys in fields and editors: as on Windows, on every system and keyboard.

Tk on X11 has Emacs' keys in its fields: Ctrl+A goes to the beginning of the line,
Ctrl+Y pastes, Ctrl+K deletes. And everywhere it looks for the letters of keys: on
a Cyrillic or Greek keyboard nothing can be copied or pasted by them.
"""

import re
import tkinter as tk

SHIFT_MASK = 0x0001

FIELDS = ("Text", "Entry", "TEntry", "TCombobox", "TSpinbox")

KEYS = {"a": "SelectAll", "c": "Copy", "v": "Paste", "x": "Cut", "z": "Undo", "y": "Redo"}
"""What Ctrl and a letter do, as Tk's virtual events are called."""

BESIDE = {
    "Copy": ("<Control-Key-Insert>", "<Key-F16>"),
    "Paste": ("<Shift-Key-Insert>", "<Key-F18>"),
    "Cut": ("<Shift-Key-Delete>", "<Key-F20>"),
    "Redo": ("<Control-Shift-Key-Z>", "<Control-Shift-Lock-Key-z>"),
}
"""Other keys for the same."""

X11_PLACES = {38: "a", 54: "c", 55: "v", 53: "x", 52: "z", 29: "y", 24: "q", 41: "f"}
"""The key codes of evdev, which all X servers use today, for the keys that have
these letters on a Latin keyboard."""

_LETTER_KEY = re.compile(r"<.*(Control|Meta).*Key-([A-Za-z]|slash|backslash)>")
_EMACS_KEY = re.compile(r"<Control-(Shift-)?Key-([a-z]|space)>|<Meta-Key-\w+>")

# One step to be undone: what was marked goes, what was copied comes.
_PASTE = """
    set separates [%W cget -autoseparators]
    if {$separates} { %W configure -autoseparators 0; %W edit separator }
    catch { %W delete sel.first sel.last }
    tk_textPaste %W
    if {$separates} { %W edit separator; %W configure -autoseparators 1 }
"""


def install(root: tk.Tk) -> None:
    """Let all fields of this program have these keys."""
    if root.tk.call("tk", "windowingsystem") == "x11":
        _leave_emacs(root)
    root.tk.call("bind", "Text", "<<Paste>>", _PASTE)
    # The toolkit has Enter press buttons, in place of the space bar.
    root.tk.call("bind", "TButton", "<Key-space>", "ttk::button::activate %W")
    for field in FIELDS:
        root.bind_class(field, "<Control-Key>", _by_place)


def let_tab_leave(text: tk.Text) -> None:
    """Let Tab go on to the next field, and Shift+Tab back: a Text keeps both for itself,
    even where it takes no typing."""

    def leave(event: "tk.Event[tk.Text]") -> str:
        backwards = int(event.state) & SHIFT_MASK
        target = text.tk_focusPrev() if backwards else text.tk_focusNext()
        if target is not None:
            target.focus_set()
        return "break"

    text.bind("<Tab>", leave)
    text.bind("<Shift-Tab>", leave)
    if text.tk.call("tk", "windowingsystem") == "x11":
        text.bind("<ISO_Left_Tab>", leave)


def letter_of(event: "tk.Event[tk.Misc]") -> str:
    """Return the small Latin letter of the key that was pressed, by its place where the
    keyboard has other letters; empty: it has none."""
    system = str(event.widget.tk.call("tk", "windowingsystem"))
    return letter(str(event.keysym), int(event.keycode), system)


def letter(keysym: str, keycode: int, system: str) -> str:
    """Return the same, of a key symbol and a key code on `x11`, `win32` or `aqua`."""
    if len(keysym) == 1 and keysym.isascii():
        return keysym.lower() if keysym.isalpha() else ""
    if system == "x11":
        return X11_PLACES.get(keycode, "")
    if system == "win32" and ord("A") <= keycode <= ord("Z"):
        return chr(keycode).lower()
    return ""


def _leave_emacs(root: tk.Tk) -> None:
    tcl = root.tk
    for event in tcl.splitlist(tcl.call("event", "info")):
        for keys in tcl.splitlist(tcl.call("event", "info", event)):
            if _LETTER_KEY.fullmatch(str(keys)):
                tcl.call("event", "delete", event, keys)
    for key, name in KEYS.items():
        root.event_add(f"<<{name}>>", f"<Control-Key-{key}>", f"<Control-Lock-Key-{key.upper()}>")
    for name, sequences in BESIDE.items():
        root.event_add(f"<<{name}>>", *sequences)
    for field in FIELDS:
        for keys in tcl.splitlist(tcl.call("bind", field)):
            if _EMACS_KEY.fullmatch(str(keys)):
                tcl.call("bind", field, keys, "")


def _by_place(event: "tk.Event[tk.Misc]") -> str | None:
    """Take Ctrl with a key of another alphabet for that of its place."""
    if len(str(event.keysym)) == 1 and str(event.keysym).isascii():
        return None  # Tk knows it
    name = KEYS.get(letter_of(event))
    if name is None:
        return None
    event.widget.event_generate(f"<<{name}>>")
    return "break"
