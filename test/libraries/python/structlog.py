# requires: structlog==26.1.0
# answers: {"event": "saved", "id": 1, "level": "info"}
import io
import json

import structlog

out = io.StringIO()
structlog.configure(
    processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer(sort_keys=True)],
    logger_factory=structlog.PrintLoggerFactory(out),
)


def handler(event, context):
    structlog.get_logger().info("saved", id=1)
    return json.loads(out.getvalue().splitlines()[-1])
