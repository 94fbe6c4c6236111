"""The demo: Rostrum's story, told by real windows on a real server.

`python -m tests.story --out DIR` plays it by itself: a member registers, an
administrator signs in, writes, sends; the member's window shows it; the server
is killed and started again; a second message arrives. Each step is printed and
photographed, and counts only if the windows' own widgets showed it.

`python -m tests.story --windows` opens both windows, signed in, side by side,
and leaves them to whoever sits there.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.support.person import Person
from tests.support.server_process import ADMIN, PASSWORD, ServerProcess

LEFT = "780x700+10+40"
RIGHT = "780x700+800+40"

FIRST = "Fire drill at 10:30 this morning. Use the nearest exit and gather on the north field."
SECOND = "本周六上午九点,图书馆系统停机维护,预计两小时。期间无法借还书,敬请谅解。"


class Story:
    """Tells and photographs what happens."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._steps = 0
        self.everyone: list[Person] = []

    def tell(self, what: str) -> None:
        """A step was seen to happen: print it, and take everyone's picture."""
        self._steps += 1
        print(f"{self._steps}. {what}", flush=True)
        for person in self.everyone:
            person.picture(self._out / f"{self._steps:02d}-{person.name}.png")


def play(folder: Path, out: Path) -> None:
    """The whole story. Raises AssertionError at the first step that was not
    seen, with what every window shows."""
    story = Story(out)
    with ServerProcess(folder) as server:
        story.tell(f"A server runs on port {server.port}; its room has an administrator, {ADMIN}.")
        bob = Person("member", folder / "bob", server, story.everyone, RIGHT)
        bob.until("shown", "tab_register")
        story.tell("The member's window has found the server and asks who is there.")
        bob.register("ben", "Ben Osei")
        assert not bob.shows("editor"), "a member has nowhere to write"
        story.tell("Ben has registered and is in the room. He has no send panel.")
        alice = Person("admin", folder / "alice", server, story.everyone, LEFT)
        alice.fill_sign_in(ADMIN, "not her password")
        alice.until("shown", "password_error")
        story.tell("The administrator mistypes her password; the window says so beside the field.")
        alice.sign_in(ADMIN)
        alice.until("shown", "editor")
        story.tell("She signs in, which unlocks the send panel.")
        alice.type("editor", FIRST)
        alice.until("says", ("count", str(len(FIRST))))
        story.tell("She writes an announcement.")
        alice.press("editor", "<Control-Return>")
        alice.until("timeline", [FIRST])
        bob.until("timeline", [FIRST])
        story.tell("She sends it, and it is in both windows.")
        server.kill()
        for person in story.everyone:
            person.until("shown", "now")
        story.tell("The server is killed. Both windows say so and count down to the next try.")
        alice.announce(SECOND)
        alice.until("shown", "outbox")
        story.tell("She writes a second announcement all the same. It waits in the outbox.")
        bob.choose("languages", "简体中文")
        bob.click("theme")
        bob.until("says", ("now", ""))
        story.tell("Meanwhile Ben switches to Chinese and to the dark theme.")
        server.start()
        for person in story.everyone:
            person.until("timeline", [FIRST, SECOND])
        alice.until_live()
        alice.until("gone", "outbox")
        alice.until("says", ("state", "2 online"))
        bob.until("says", ("state", "已连接 · 2 人在线"))
        story.tell("The server is back. Both windows come back by themselves; nothing is missed.")
        assert [number for number, _ in bob.timeline()] == [1, 2], "each message once"
        for person in list(story.everyone):
            person.close()
        assert server.stop() == 0, "the server ends cleanly"
        print(f"{len(list(out.glob('*.png')))} pictures are in {out}")


def show(folder: Path) -> None:
    """Both windows, signed in, until they are closed."""
    story = Story(folder)
    with ServerProcess(folder) as server:
        alice = Person("admin", folder / "alice", server, story.everyone, LEFT)
        alice.sign_in(ADMIN)
        bob = Person("member", folder / "bob", server, story.everyone, RIGHT)
        bob.register("ben", "Ben Osei")
        print(f"A server is listening on 127.0.0.1:{server.port}.")
        print(f"Left: the administrator ({ADMIN}). Right: a member (ben).")
        print(f"Both passwords: {PASSWORD}")
        print("Close both windows, or press Ctrl+C, to end the demo.", flush=True)
        for person in list(story.everyone):
            person.wait_until_closed()


def main() -> int:
    """Play or show. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Rostrum's story.")
    parser.add_argument("--windows", action="store_true", help="leave the windows to people")
    parser.add_argument("--out", type=Path, help="where the pictures go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rostrum-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        try:
            if options.windows:
                show(folder)
            else:
                out = options.out or Path(tempfile.mkdtemp(prefix="rostrum-demo-"))
                out.mkdir(parents=True, exist_ok=True)
                play(folder, out)
        except AssertionError as error:
            print(f"demo: not ok\n{error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    print("demo: ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
