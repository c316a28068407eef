"""What people may do: the four roles, and what an address needs of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.setting_values import ROLES, Role

USUAL: Final[frozenset[Role]] = frozenset({"viewer", "reviewer", "responder"})
"""Of people of the file of people without ``roles``, and of those whom a proxy names."""

EVERYONE: Final = "*"
"""In place of a group in ``OTEL_AI_FEEDBACK_ROLES``: all who can sign in."""


@dataclass(frozen=True)
class Need:
    """What a request must come with.

    Attributes:
        roles: One of these; an admin has all of them. Empty where nobody is asked who they are.
        because: Why nobody is asked.
    """

    roles: frozenset[Role] = frozenset()
    because: str = ""


def one_of(*roles: Role) -> Need:
    """Let people through who have one of these roles."""
    return Need(frozenset(roles))


def nobody(because: str) -> Need:
    """Ask nobody who they are, for a reason."""
    return Need(because=because)


def complete(roles: frozenset[Role]) -> frozenset[Role]:
    """Roles with those that they include: an admin may do everything, and everyone may look."""
    if "admin" in roles:
        return frozenset(ROLES)
    return roles | {"viewer"} if roles else roles


def granted(
    name: str,
    groups: frozenset[str],
    by_name: Mapping[str, frozenset[Role]],
    by_group: Mapping[str, frozenset[Role]],
) -> frozenset[Role]:
    """The roles of someone: by their name where the file of people has it, else by their groups.

    Args:
        name: Of the person.
        groups: In which the sign-in provider says that they are.
        by_name: Of the file of people.
        by_group: ``OTEL_AI_FEEDBACK_ROLES``.
    """
    if name in by_name:
        return complete(by_name[name])
    found: frozenset[Role] = frozenset()
    for group in {*groups - {EVERYONE}, EVERYONE}:
        found |= by_group.get(group, frozenset())
    return complete(found)
