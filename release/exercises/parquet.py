"""The extra ``parquet``: the export can be written."""

import pyarrow.parquet

from otel_ai_feedback.review import export

assert export
assert pyarrow.parquet.write_table
