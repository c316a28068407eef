"""The raw rows of these tests are those of the store's."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "store"))
