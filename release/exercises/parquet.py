"""The extra ``parquet``: both exports can be written."""

import pyarrow.parquet

from otel_ai_feedback.review import export
from otel_ai_feedback.warehouse import export as warehouse

assert export
assert warehouse.export
assert pyarrow.parquet.write_table
