"""A beacon: what a page says that its user did, read from bytes that anyone may have sent."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, Final, NamedTuple

from otel_ai_feedback.attributes import REASONS
from otel_ai_feedback.capture.actions import Action, Particulars

MAX_BYTES: Final = 64 * 1024
MAX_ACTIONS: Final = 100
_MAX_ACTION_ID: Final = 128
_MAX_HANDLE: Final = 128
_MILLISECOND: Final = 1_000_000
# A page that lost more was open for longer than plausible.
_MOST_LOST: Final = 1_000_000
# A page that was asleep sends late; any time at all could make an old output used.
_LONGEST_AGO: Final = 3600 * 1_000_000_000
# More of one kind on one answer is no page of ours, which sends each when it happens.
MAX_REPEATS: Final = 20
_SHARES: Final = ("kept_share", "scroll_depth", "selected_share")


class MalformedBeaconError(ValueError):
    """The body is not a beacon at all; the message says why."""


class TooManyActionsError(ValueError):
    """The beacon holds more actions than one may."""


class Reported(NamedTuple):
    """One action of a beacon, in the right form but not yet verified.

    Attributes:
        handle: The claimed handle of the output.
        action: The claimed action.
    """

    handle: str
    action: Action


class Beacon(NamedTuple):
    """What one beacon says.

    Attributes:
        reported: Its actions that have the right form.
        refused: One reason for each of the others, as :func:`otel_ai_feedback.stats` counts it.
    """

    reported: list[Reported]
    refused: list[str]


def of_no_user(beacon: Beacon) -> Beacon:
    """The beacon, with its actions marked as those of a program."""
    return beacon._replace(
        reported=[
            each._replace(action=each.action._replace(probe=True)) for each in beacon.reported
        ]
    )


def read(
    body: bytes,
    now_ns: int,
    source: str,
    browser: str | None = None,
    own_reasons: frozenset[str] = frozenset(),
) -> Beacon:
    """Read a beacon.

    The time of an action is worked out from how long before the sending it happened: a client's
    clock may be wrong by years, but it runs on.

    Args:
        body: JSON, as docs/beacon.md has it.
        now_ns: Nanoseconds since the epoch.
        source: Who saw the actions: ``browser`` or ``api``.
        browser: Name of the browser that sent it.
        own_reasons: Reasons that are taken beside those of the list.

    Raises:
        MalformedBeaconError: If it is no beacon.
        TooManyActionsError: If it holds more than 100 actions.
    """
    try:
        content = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        # UnicodeDecodeError and JSONDecodeError are ValueErrors, as is a number of 5,000 digits.
        raise MalformedBeaconError(f"the body is not JSON: {_short(error)}") from None
    if type(content) is not dict:
        raise MalformedBeaconError("the body must be a JSON object with 'sent' and 'actions'")
    sent = _number(content.get("sent"))
    if sent is None:
        raise MalformedBeaconError("'sent' must be a number of milliseconds since the epoch")
    entries = content.get("actions")
    if type(entries) is not list:
        raise MalformedBeaconError("'actions' must be a list")
    if len(entries) > MAX_ACTIONS:
        raise TooManyActionsError(f"a beacon takes up to {MAX_ACTIONS} actions")
    beacon = Beacon([], [])
    for entry in entries:
        try:
            reported = _reported(entry, sent, now_ns, source, browser, own_reasons)
        except _RefusedEntryError as refused:
            beacon.refused.append(refused.reason)
            continue
        beacon.reported.append(reported)
        if entry.get("reason") != reported.action.particulars.reason:
            # What was done counts all the same.
            beacon.refused.append("bad_reason")
    told = {(handle, action.name, action.given_id) for handle, action in beacon.reported}
    alike = Counter((handle, name) for handle, name, _ in told)
    if max(alike.values(), default=0) > MAX_REPEATS:
        raise MalformedBeaconError(
            f"one action is reported on one answer more than {MAX_REPEATS} times"
        )
    return beacon


class _RefusedEntryError(ValueError):
    """One entry of a beacon does not count; the others do."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _reported(
    entry: Any,
    sent: float,
    now_ns: int,
    source: str,
    browser: str | None,
    own_reasons: frozenset[str],
) -> Reported:
    if type(entry) is not dict:
        raise _RefusedEntryError("bad_action")
    handle, given_id, name = entry.get("handle"), entry.get("action_id"), entry.get("action")
    if type(handle) is not str or len(handle) > _MAX_HANDLE:
        raise _RefusedEntryError("handle_malformed")
    if not handle:
        # The page could not tell which of several answers was meant; it does not guess.
        raise _RefusedEntryError("unplaced")
    if type(given_id) is not str or not 0 < len(given_id) <= _MAX_ACTION_ID:
        # Without an id an action that is sent again would count again.
        raise _RefusedEntryError("bad_action_id")
    if type(name) is not str:
        raise _RefusedEntryError("bad_action")
    at = _number(entry.get("time"))
    if at is None:
        raise _RefusedEntryError("bad_time")
    ago = min(max((sent - at) * _MILLISECOND, 0.0), float(_LONGEST_AGO))
    shares = {share: _optional(entry, share) for share in _SHARES}
    checkpoint, method = _optional(entry, "checkpoint"), entry.get("method")
    lost, reason = _optional(entry, "lost"), entry.get("reason")
    is_known = type(reason) is str and (reason in REASONS or reason in own_reasons)
    if method is not None and type(method) is not str:
        raise _RefusedEntryError("bad_value")
    if checkpoint is not None and checkpoint != int(checkpoint):
        raise _RefusedEntryError("bad_value")
    if lost is not None and not (lost == int(lost) and 0 < lost <= _MOST_LOST):
        raise _RefusedEntryError("bad_value")
    action = Action(
        name=name,
        value=_optional(entry, "value"),
        given_id=given_id,
        source=source,
        subject=None,
        conversation_id=None,
        session_id=None,
        time_ns=now_ns - int(ago),
        label=None,
        particulars=Particulars(
            **shares,
            checkpoint=None if checkpoint is None else int(checkpoint),
            method=method,
            reason=reason if is_known else None,
            lost=None if lost is None else int(lost),
            browser=browser,
        ),
    )
    return Reported(handle, action)


def _optional(entry: dict[str, Any], field: str) -> float | None:
    given = entry.get(field)
    if given is None:
        return None
    number = _number(given)
    if number is None:
        raise _RefusedEntryError("bad_value")
    return number


def _number(given: Any) -> float | None:
    """A finite number, or ``None``; JSON's whole numbers may be too large for one."""
    if type(given) is not int and type(given) is not float:
        return None
    try:
        number = float(given)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:120] or type(error).__name__
