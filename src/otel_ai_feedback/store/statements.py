"""The SQL of this package: one statement a file, in the folder ``sql`` of the room it is of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from otel_ai_feedback.store import fragments

_PACKAGE: Final = "otel_ai_feedback"
_ENDING: Final = ".sql"


@dataclass(frozen=True)
class Statement:
    """A statement and the file that it is in.

    Attributes:
        path: Room, folders and name of the file without its ending:
            ``store/views/outputs/outputs_at``.
        text: The statement with the comments above it, its fragments filled in.
    """

    path: str
    text: str

    @property
    def name(self) -> str:
        """Name of the file without its ending, which is that of the table or view it makes."""
        return self.path.rpartition("/")[2]

    @property
    def room(self) -> str:
        """The room whose statement this is."""
        return self.path.partition("/")[0]

    @property
    def checksum(self) -> str:
        """Identity of the text, as recorded in the store."""
        return digest(self.text)

    @property
    def question(self) -> str:
        """First line of the comment: what a view answers, what a table holds."""
        return self.text.partition("\n")[0].removeprefix("--").strip()


def digest(text: str) -> str:
    """A hash of a text, as it stands in comments of views."""
    return sha256(text.encode()).hexdigest()[:32]


@cache
def statement(path: str) -> Statement:
    """Read a statement.

    Args:
        path: The room and the path below its folder ``sql``, without the ending:
            ``store/views/outputs/outputs_at``.

    Raises:
        KeyError: There is no such statement.
    """
    room, _, below = path.partition("/")
    file = files(_PACKAGE) / room / "sql" / f"{below}{_ENDING}"
    if not file.is_file():
        raise KeyError(path)
    return Statement(path, fragments.expand(file.read_text(encoding="utf-8").strip()))


@cache
def paths() -> tuple[str, ...]:
    """Path of every statement of every room, in order."""
    found = []
    package = files(_PACKAGE)
    folders = [(room.name, room / "sql") for room in package.iterdir() if room.is_dir()]
    for path, folder in folders:
        for entry in folder.iterdir() if folder.is_dir() else ():
            if entry.is_dir():
                folders.append((f"{path}/{entry.name}", entry))
            elif entry.name.endswith(_ENDING):
                found.append(f"{path}/{entry.name.removesuffix(_ENDING)}")
    return tuple(sorted(found))


@cache
def migrations() -> tuple[Statement, ...]:
    """Every change of a table since the first release, by number.

    One is repeatable, such as ``alter table ... add column if not exists``, and the file of the
    table has the same: so a new store, an upgraded one and one that was cut short end up alike.
    """
    found = (path for path in paths() if "/migrations/" in path)
    return tuple(
        statement(path) for path in sorted(found, key=lambda path: path.rpartition("/")[2])
    )
