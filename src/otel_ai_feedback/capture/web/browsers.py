"""Which browser sent a request: its name only, as there are few, so it says nothing of a person.

It makes losses comparable: what blocks or breaks the script does so in one browser, and not in
another.
"""

from __future__ import annotations

from typing import Final

# In this order: most browsers also claim to be those that come after them.
_SIGNS: Final = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/")),
    ("Opera", ("OPR/", "Opera")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/")),
    ("Safari", ("Safari/",)),
)


def name_of(user_agent: str) -> str | None:
    """Name of the browser, if it is one of the few that people use.

    Args:
        user_agent: Value of the ``User-Agent`` header.
    """
    for name, signs in _SIGNS:
        if any(sign in user_agent for sign in signs):
            return name
    return None
