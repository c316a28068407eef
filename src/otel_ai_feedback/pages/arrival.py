"""What comes of a sign-in at a provider: someone with a name and groups, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass


class SignInError(Exception):
    """The provider signed no one in; the message says why, for the one who tried."""


@dataclass(frozen=True)
class Arrival:
    """Someone whom the provider signed in.

    Attributes:
        person: Their name.
        groups: In which the provider says that they are.
        next: The page that they wanted to see.
    """

    person: str
    groups: frozenset[str]
    next: str
