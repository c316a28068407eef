"""Is there a key, do all workers of the host have it, and can it be read?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from otel_ai_feedback.capture.linking.keys import FILE_NAME
from otel_ai_feedback.doctor.finding import Finding, failure, ok, warning
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.setting_values import MIN_KEY_LENGTH

# Of the user as whom this runs, where the system can say so.
_EFFECTIVE = os.access in os.supports_effective_ids
_ELSE = "or set OTEL_AI_FEEDBACK_KEY to the same value for every process"


def check(visit: Visit) -> Iterator[Finding]:
    """The setting, else the key file; a file that is missing is not made."""
    name, settings = "key.shared", visit.settings
    if settings.key is not None:
        yield ok(name, "OTEL_AI_FEEDBACK_KEY is set: every process that has it shares the key")
        return
    path = settings.state_dir / FILE_NAME
    try:
        secret = path.read_bytes().strip()
        mode = path.stat().st_mode
    except FileNotFoundError:
        yield _missing(visit)
        return
    except OSError as error:
        yield failure(
            name,
            f"{path} cannot be read ({error.strerror}): each worker makes up a key of its own, and "
            "refuses the handles of the others",
            f"give the user of the service the right to read it (chown, chmod 600 {path}), {_ELSE}",
        )
        return
    if len(secret) < MIN_KEY_LENGTH:
        yield failure(
            name,
            f"{path} holds less than {MIN_KEY_LENGTH} characters, so it is not used",
            f"delete {path}: the next start makes a good one; {_ELSE}",
        )
    elif os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning(name, f"other users of this host can read {path}", f"run `chmod 600 {path}`")
    else:
        yield ok(
            name,
            f"{path} is shared by all workers of this host; a service on several hosts needs "
            "OTEL_AI_FEEDBACK_KEY",
        )


def _missing(visit: Visit) -> Finding:
    directory = visit.settings.state_dir
    above = directory
    while not os.path.exists(above) and above != above.parent:
        above = above.parent
    if not os.path.isdir(above) or not os.access(
        above, os.W_OK | os.X_OK, effective_ids=_EFFECTIVE
    ):
        return failure(
            "key.shared",
            f"there is no key in {directory}, and this user cannot write {above} to make one",
            "point OTEL_AI_FEEDBACK_STATE_DIR to a directory that the user of the service can "
            f"write, {_ELSE}",
        )
    return ok("key.shared", f"there is no key in {directory} yet; the first process makes it")
