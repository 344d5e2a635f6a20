# requires: ddtrace==4.16.0
# answers: ["work", "shop"]
import os

os.environ["DD_TRACE_ENABLED"] = "false"
os.environ["DD_INSTRUMENTATION_TELEMETRY_ENABLED"] = "false"

from ddtrace.trace import tracer


def handler(event, context):
    with tracer.trace("work", service="shop") as span:
        return [span.name, span.service]
