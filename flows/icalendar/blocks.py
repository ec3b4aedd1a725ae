"""Content lines to components: BEGIN and END matched, each event on its own (RFC 5545, section 3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.icalendar.lines import ContentLine


@dataclass(slots=True)
class Block:
    """One component with its own lines and the components inside it."""

    name: str
    begin: int  # line number of its BEGIN
    lines: list[ContentLine] = field(default_factory=list)
    children: list["Block"] = field(default_factory=list)
    closed: bool = False

    def inside(self, name: str) -> Iterator["Block"]:
        """Yield the direct components of one name."""
        return (child for child in self.children if child.name == name)


def blocks(lines: tuple[ContentLine, ...]) -> list[Block]:
    """Nest the lines of a file; a component that nobody closes keeps ``closed=False``.

    An event that begins inside an event means that an END is missing: the outer one stays open, the inner one is read.
    """
    root = Block("", 0)
    stack = [root]
    for line in lines:
        word, _, name = line.text.partition(":")
        match word.strip().upper(), name.strip().upper():
            case "BEGIN", started:
                _begin(stack, Block(started, line.number))
            case "END", ended:
                _end(stack, ended)
            case _:
                stack[-1].lines.append(line)
    return root.children


def _begin(stack: list[Block], block: Block) -> None:
    open_names = [each.name for each in stack]
    if block.name in {"VEVENT", "VTIMEZONE"} and "VEVENT" in open_names:
        del stack[open_names.index("VEVENT") :]
    stack[-1].children.append(block)
    stack.append(block)


def _end(stack: list[Block], name: str) -> None:
    """Close the innermost component of that name; what lies open inside it stays marked as not closed."""
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth].name == name:
            stack[depth].closed = True
            del stack[depth:]
            return
