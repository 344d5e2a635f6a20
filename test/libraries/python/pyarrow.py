# requires: pyarrow==26.0.1
# needs: 3.12
# answers: [3, [1, 2, 3]]
import io

import pyarrow
from pyarrow import parquet


def handler(event, context):
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table({"v": [1, 2, 3]}), buffer)
    table = parquet.read_table(io.BytesIO(buffer.getvalue()))
    return [table.num_rows, table["v"].to_pylist()]
