# requires: opentelemetry-sdk==1.45.1 opentelemetry-exporter-otlp-proto-http==1.45.1 opentelemetry-instrumentation-aws-lambda==0.66b1 opentelemetry-instrumentation-botocore==0.66b1 boto3==1.44.8
# answers: ["work", "shop"]
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
BotocoreInstrumentor().instrument()
OTLPSpanExporter(endpoint="http://127.0.0.1:1")


def handler(event, context):
    with trace.get_tracer("t").start_as_current_span("work"):
        pass
    span = memory.get_finished_spans()[-1]
    return [span.name, span.resource.attributes["service.name"]]
