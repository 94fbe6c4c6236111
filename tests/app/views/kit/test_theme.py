"""What is kept in memory of what icons were drawn from."""

import weakref

from PIL import Image
from ttkbootstrap.style.icons import IconRenderer

from app.views.kit.theme import let_go_of_icon_data
from tests.support.window import Window


def gear() -> bytes:
    """An icon, drawn anew."""
    drawn: Image.Image = IconRenderer.render("gear", 20, "#123456")
    return drawn.tobytes()


def test_what_icons_were_drawn_from_is_let_go_of_and_read_again(window: Window) -> None:
    drawn = gear()
    kept = [weakref.ref(font) for font in IconRenderer._font_cache.values()]
    assert kept, "the library keeps them"
    let_go_of_icon_data()
    assert not any(font() for font in kept)
    assert gear() == drawn
    window.enter()
    window.settings.change(theme="dark")
    window.root.update()
