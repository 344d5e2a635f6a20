# requires: aws-lambda-powertools[tracer,validation]==3.37.0
# answers: ["hello", 200]
import json
import os

os.environ["POWERTOOLS_TRACE_DISABLED"] = "1"

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.validation import validate

logger = Logger(service="test")
metrics = Metrics(namespace="test", service="test")
tracer = Tracer(service="test")
app = APIGatewayHttpResolver()


@app.get("/hello")
@tracer.capture_method
def hello():
    return {"text": "hello"}


@logger.inject_lambda_context
def handler(event, context):
    validate(event={"a": 1}, schema={"type": "object", "required": ["a"]})
    request = {"version": "2.0", "rawPath": "/hello", "headers": {}, "requestContext": {"http": {"method": "GET", "path": "/hello"}, "stage": "$default"}}
    answer = app.resolve(request, context)
    return [json.loads(answer["body"])["text"], answer["statusCode"]]
