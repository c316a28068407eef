"""What the tests of dashboards and rules share."""

import sys
from pathlib import Path

# The raw rows are those of the store's tests.
sys.path.append(str(Path(__file__).parents[1] / "store"))
