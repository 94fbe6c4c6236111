"""Draw which folder knows which, from the imports, into docs/architecture.md.

    python docs/draw_rooms.py

Mermaid flowcharts, which many viewers show as pictures. An arrow is left out where
others lead there already, so what is shown is the fewest that say the same.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms, by docs/draw_rooms.py -->\n", "<!-- end of rooms -->\n"

HOUSES = ("server", "app", "app.controllers", "app.models", "app.views")

Graph = dict[str, set[str]]


def rooms() -> str:
    """Return the text that belongs between the marks of the page."""
    return "\n".join(_chart(house, graph_of(house)) for house in HOUSES)


def graph_of(house: str) -> Graph:
    """Return for each folder and module of a package which others of it it imports."""
    folder = ROOT / house.replace(".", "/")
    graph: Graph = defaultdict(set)
    for path in sorted(folder.rglob("*.py")):
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        if room.startswith("__"):
            continue
        graph[room] |= {
            name.removeprefix(f"{house}.").partition(".")[0]
            for name in _imported(path)
            if name.startswith(f"{house}.")
        } - {room}
    # A name that is imported from the package itself may be no room of it.
    return {room: known & graph.keys() for room, known in graph.items()}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _reachable(graph: Graph, room: str) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        for known in graph[waiting.pop()] - found:
            found.add(known)
            waiting.append(known)
    return found


def _chart(house: str, graph: Graph) -> str:
    lines = [f"{house.replace('.', '/')}/:", "", "```mermaid", "flowchart TD"]
    for room in sorted(graph):
        beyond: set[str] = set().union(*(_reachable(graph, known) for known in graph[room]))
        lines += [f"    {room} --> {known}" for known in sorted(graph[room] - beyond)]
        if not graph[room] and not any(room in known for known in graph.values()):
            lines.append(f"    {room}")
    return "\n".join([*lines, "```", ""])


def main() -> None:
    """Write the charts into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + BEGIN + rooms() + END + after, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
