# Runs a Python function against the Runtime API that AWS_LAMBDA_RUNTIME_API names, as Lambda's own client for Python does.
# Shipped as it stands, and started by this machine's Python.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback
from decimal import Decimal

BASE = "/2018-06-01/runtime/"
BOOT = os.path.abspath(__file__)
# Lambda's client hides it from the function too.
LOG_DESCRIPTOR = os.environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)


class Fault(Exception):
    """What Lambda's client itself finds wrong, before or after the handler."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = "Runtime." + kind
        self.trace = list(trace)


class Api:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def call(self, method, path, body=None, headers=None):
        self._connection.request(method, BASE + path, body=body, headers=headers or {})
        answer = self._connection.getresponse()
        return answer, answer.read()

    def post_error(self, path, error):
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self.call("POST", path, json.dumps(error).encode(), headers)


class Identity:
    def __init__(self, values):
        self.cognito_identity_id = values.get("cognitoIdentityId")
        self.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, values):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, values.get(name))


class ClientContext:
    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = Client(values.get("client") or {})


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        identity = headers.get("Lambda-Runtime-Cognito-Identity")
        self.identity = Identity(json.loads(identity) if identity else {})
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        write_log(str(message))


# ---- Logs


def write_log(message):
    """One event, of as many lines as it has."""
    if LOG_DESCRIPTOR is None:
        sys.stdout.write(message.replace("\n", "\r") + "\n")
        return
    data = message.encode("utf8")
    header = (0xA55A0003).to_bytes(4, "big") + len(data).to_bytes(4, "big")
    rest = header + (time.time_ns() // 1000).to_bytes(8, "big") + data
    while rest:
        try:
            rest = rest[os.write(int(LOG_DESCRIPTOR), rest):]
        except BlockingIOError:
            # The pipe is full: its reader is another process, so trying again makes progress.
            pass


request_id = ""


class Handler(logging.Handler):
    def emit(self, record):
        record.aws_request_id = request_id
        write_log(self.format(record))


def set_up_logging():
    handler = Handler()
    form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler.setFormatter(logging.Formatter(form, "%Y-%m-%dT%H:%M:%S"))
    handler.formatter.converter = time.gmtime
    logging.getLogger().addHandler(handler)


def log_error(error):
    # Lambda's client keeps the indentation by spaces that logs do not trim.
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"]), "Traceback (most recent call last):"]
    for element in error["stackTrace"]:
        for line in element.splitlines():
            bare = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(bare)) + bare)
    write_log("\n".join(lines) + "\n")


# ---- Errors and answers


def describe(error):
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        frames = traceback.extract_tb(error.__traceback__)
        first = next((index for index, frame in enumerate(frames) if frame.filename != BOOT), 0)
        kind, trace = type(error).__name__, traceback.format_list(frames[first:])
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


class Encoder(json.JSONEncoder):
    def default(self, o):
        # As Lambda's client does for what DynamoDB's table resource answers.
        if isinstance(o, Decimal):
            return int(o) if o == o.to_integral_value() else float(o)
        return super().default(o)


def to_json(value):
    try:
        return json.dumps(value, ensure_ascii=False, cls=Encoder).encode("utf8", "surrogatepass")
    except (TypeError, ValueError) as error:
        raise Fault("MarshalError", "Unable to marshal response: %s" % error)


# ---- The handler


def load_handler(text):
    module_name, dot, name = text.rpartition(".")
    if not dot:
        raise Fault("MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % text)
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    if not hasattr(module, name):
        raise Fault("HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module_name))
    return getattr(module, name)


def handle_one(api, handler):
    global request_id
    answer, body = api.call("GET", "invocation/next")
    headers = answer.headers
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        result = to_json(handler(json.loads(body), Context(headers)))
    except Exception as error:
        described = describe(error)
        log_error(described)
        sys.stdout.flush()
        api.post_error("invocation/%s/error" % request_id, described)
    else:
        sys.stdout.flush()
        api.call("POST", "invocation/%s/response" % request_id, result, {"Content-Type": "application/json"})


def main():
    root = os.environ["LAMBDA_TASK_ROOT"]
    # The folder of this file is none of the function's.
    sys.path[0] = root
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    set_up_logging()
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        described = describe(error)
        log_error(described)
        api.post_error("init/error", described)
        sys.exit(1)
    try:
        while True:
            handle_one(api, handler)
    except (ConnectionError, http.client.HTTPException):
        # The Runtime API has gone: so has the local AWS.
        sys.exit(1)


main()
