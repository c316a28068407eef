"""How the id of an output looks, and that of a lease."""

import re
from typing import Final

OUTPUT_ID: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")
"""The trace id, a hyphen, the span id; lower-case hexadecimal."""

LEASE_ID: Final = re.compile(r"[0-9a-f]{32}")
"""Random; also that of a form, which becomes the id of the label."""
