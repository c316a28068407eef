"""Sending a message to an address, through apprise."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final

import apprise

_LONGEST: Final = 300
_SECRET: Final = re.compile(r"[^/:@?&=,\s]{6,}")

Send = Callable[[str, str, str], None]
"""Sends to an address a title and a text; raises :class:`SendError` where that fails."""


class SendError(Exception):
    """It was not delivered; the message says why, without anything secret."""


def send(address: str, title: str, text: str) -> None:
    """Send a message to one address.

    Args:
        address: As apprise takes it.
        title: Its subject.
        text: What it says, plain.

    Raises:
        SendError: The other side did not take it, or could not be reached.
    """
    messenger = apprise.Apprise()
    if not messenger.add(address):
        raise SendError(f"{channel(address)}: apprise does not know this kind of address")
    with apprise.LogCapture(level=logging.WARNING) as log:  # type: ignore[no-untyped-call]
        try:
            delivered = bool(
                messenger.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
            )
            said = log.getvalue()
        except Exception as error:  # a service's plugin may fail in its own way
            delivered, said = False, f"{type(error).__name__}: {error}"
    if not delivered:
        raise SendError(f"{channel(address)}: {_without_secrets(said, address)[:_LONGEST]}")


def channel(address: str) -> str:
    """The kind of an address: ``slack``, ``mailto`` ..."""
    return address.partition("://")[0]


def _without_secrets(said: str, address: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    text = "; ".join(lines) or "it was not taken"
    for part in _SECRET.findall(address.partition("://")[2]):
        text = text.replace(part, "***")
    return text
