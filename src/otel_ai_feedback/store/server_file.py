"""``server.json``: how other commands find the process that has an embedded store open.

Only one process can open the engine's directory. That process writes here where it listens and the
token that opens it, readable by its own user only.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

FILE_NAME: Final = "server.json"


@dataclass(frozen=True)
class ServerFile:
    """What a running server announces.

    Attributes:
        url: Address of its ClickHouse-compatible endpoint, ``http://127.0.0.1:4318`` for example.
        token: Password of the user ``local``.
        pid: Its process id.
    """

    url: str
    token: str = field(repr=False)
    pid: int


def write(directory: str | Path, url: str, token: str) -> Path:
    """Announce this process as the one that has the directory open.

    Args:
        directory: The store's directory.
        url: Where the ClickHouse-compatible endpoint listens.
        token: Password of the user ``local``.

    Returns:
        The file, of mode 0600. It appears complete or not at all.
    """
    path = Path(directory) / FILE_NAME
    # mkstemp makes the file 0600 from its first moment.
    descriptor, temporary = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(ServerFile(url, token, os.getpid())), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def read(directory: str | Path) -> ServerFile | None:
    """What the running server announces.

    Args:
        directory: The store's directory.

    Returns:
        ``None`` when there is no file, when it is not readable as one, or when the process that
        wrote it is gone (killed before it could remove the file).
    """
    try:
        entry = json.loads((Path(directory) / FILE_NAME).read_bytes())
        server = ServerFile(str(entry["url"]), str(entry["token"]), int(entry["pid"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return server if _alive(server.pid) else None


def remove(directory: str | Path) -> None:
    """Take back the announcement, if it is this process's own."""
    server = read(directory)
    if server is not None and server.pid == os.getpid():
        (Path(directory) / FILE_NAME).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return pid < 2**31
    return True
