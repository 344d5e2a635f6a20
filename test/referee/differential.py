"""Runs one situation on several servers that claim to be AWS, and says where their answers differ.

A situation is a function of a `Run`; each of its steps is one call with a name. Of a step is kept: the code and status of the error, or the
status and members of the answer, with placeholders for what differs between two runs on one server (ids, times, tokens, addresses).
"""
import base64
import datetime
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError, ParamValidationError
from botocore.response import StreamingBody

# members whose values are ids, times or tokens, in any service
VOLATILE = re.compile(
    r"(?i)"
    r".*(timestamp|time|date|lastmodified|sequencenumber|token|millisbehindlatest|signature|hostid|principalid|x-amz-.*)"
    r"|.*(messageid|eventid|requestid|receipthandle|taskhandle|revisionid|sharditerator|uuid|versionid|uploadid|senderid|tableid|sequencer)"
    r"|sizebytes|storedbytes|tablesizebytes|(latest)?streamlabel|etag|codesha256|secretarn|consumerarn|signingcerturl|unsubscribeurl"
)
IN_TEXT = [
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"https?://(127\.0\.0\.1|localhost)(:\d+)?"), "<endpoint>"),
    (re.compile(r"\b(000000000000|123456789012)\b"), "<account>"),
    (re.compile(r"shardId-\d{20}-[0-9a-f]{8}"), "<shard>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?"), "<time>"),
]


class NotReached(Exception):
    """An earlier answer lacks what the next step needs."""


class Answer(dict):
    """An answer, or an empty one after an error; a situation ends where it needs a member that is not there."""

    def __missing__(self, key):
        raise NotReached(key)


class Run:
    """A situation on one server."""

    def __init__(self, connect):
        self.connect = connect
        self.steps = []

    def __call__(self, step, call, **members):
        return self.until(step, lambda answer: True, call, **members)

    def until(self, step, enough, call, _seconds=3, **members):
        """Calls until the answer is enough: what a service does after it has answered. Keeps the last answer."""
        deadline = time.monotonic() + _seconds
        service, operation = call.split(".")
        while True:
            outcome, answer = attempt(getattr(self.connect(service), operation), members)
            if time.monotonic() > deadline or (answer is not None and enough(answer)) or "error" in outcome:
                break
            time.sleep(0.05)
        assert step not in [name for name, _, _ in self.steps], f"two steps are called {step!r}"
        self.steps.append((step, call, outcome))
        return Answer(answer or {})

    def note(self, step, value):
        """A step that is no call: what several answers amount to, such as all messages that arrived."""
        self.steps.append((step, "note", {"status": 200, "answer": settled(value)}))

    def messages(self, step, queue, count, _seconds=3):
        """The bodies of the messages that arrive, in the order of their text, until there are so many."""
        bodies, deadline = [], time.monotonic() + _seconds
        while len(bodies) < count and time.monotonic() < deadline:
            asked = {"QueueUrl": queue, "MaxNumberOfMessages": 10}
            _, answer = attempt(self.connect("sqs").receive_message, asked)
            for message in (answer or {}).get("Messages", []):
                bodies.append(message["Body"])
                attempt(self.connect("sqs").delete_message, {"QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"]})
            time.sleep(0.02)
        self.note(step, sorted(bodies))
        return bodies


def attempt(call, members):
    try:
        answer = call(**members)
    except ClientError as error:
        status = error.response["ResponseMetadata"].get("HTTPStatusCode")
        return {"error": error.response["Error"].get("Code", ""), "status": status, "message": error.response["Error"].get("Message", "")}, None
    except ParamValidationError:
        raise
    except HTTPClientError as error:
        return {"error": type(error).__name__, "status": 0, "message": str(error)}, None
    except Exception as error:  # an answer that botocore cannot read
        return {"error": f"unreadable ({type(error).__name__})", "status": 0, "message": str(error)}, None
    metadata = answer.pop("ResponseMetadata", {})
    for name, value in answer.items():
        if isinstance(value, StreamingBody):
            answer[name] = value.read().decode("utf-8", "replace")
    return {"status": metadata.get("HTTPStatusCode"), "answer": settled(answer)}, answer


def settled(value, name=""):
    """The value with placeholders for what is another in each run; text that is JSON becomes its members."""
    if isinstance(value, dict):
        # the digest of a text with ids in it is another in each run
        digested = isinstance(value.get("Body"), str) and value["Body"].startswith("{")
        return {key: "<digest>" if digested and key == "MD5OfBody" else settled(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [settled(member, name) for member in value]
    if isinstance(value, datetime.datetime):
        return "<time>"
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, bool) or value is None:
        return value
    if VOLATILE.fullmatch(name):
        return f"<{type(value).__name__}>" if value not in ("", 0) else value
    if isinstance(value, str):
        if value[:1] in ("{", "[") and len(value) > 2:
            try:
                return {"json": settled(json.loads(value))}
            except ValueError:
                pass
        for pattern, placeholder in IN_TEXT:
            value = pattern.sub(placeholder, value)
    return value


def shown(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 70 else f"{text[:67]}..."


def compare(ours, theirs, path=""):
    """Lines that say what differs between two values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            inner = f"{path}.{key}" if path else key
            if key not in theirs:
                yield f"{inner}: only fx"
            elif key not in ours:
                yield f"{inner}: not fx"
            else:
                yield from compare(ours[key], theirs[key], inner)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (our, their) in enumerate(zip(ours, theirs)):
            yield from compare(our, their, f"{path}[{index}]")
    elif isinstance(ours, list) and isinstance(theirs, list):
        yield f"{path}: fx has {len(ours)}, other {len(theirs)}"
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield f"{path}: fx {shown(ours)}, other {shown(theirs)}"


def differences(ours, theirs):
    """What differs between the outcomes of one step."""
    if "error" in ours or "error" in theirs:
        if ours.get("error") != theirs.get("error"):
            return [f"error: fx {ours.get('error', 'none')}, other {theirs.get('error', 'none')}"]
        if ours["status"] != theirs["status"]:
            return [f"status: fx {ours['status']}, other {theirs['status']}"]
        return []
    found = list(compare(ours["answer"], theirs["answer"]))
    if ours["status"] != theirs["status"]:
        found.insert(0, f"status: fx {ours['status']}, other {theirs['status']}")
    return found


def connector(endpoint):
    clients = {}
    config = Config(
        retries={"max_attempts": 0},
        read_timeout=3,
        parameter_validation=False,
        s3={"addressing_style": "path"},
        inject_host_prefix=False,
    )

    def connect(service):
        if service not in clients:
            clients[service] = boto3.session.Session().client(
                service,
                endpoint_url=endpoint,
                region_name="us-east-1",
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=config,
            )
        return clients[service]

    return connect


def run_on(endpoint, situations):
    """The steps of each situation on a server, by the situation's name."""
    connect = connector(endpoint)
    found = {}
    for situation in situations:
        run = Run(connect)
        try:
            situation(run)
        except NotReached:
            pass
        found[situation.__name__.replace("_", " ")] = run.steps
    return found


def run_everywhere(endpoints, situations):
    with ThreadPoolExecutor(len(endpoints)) as pool:
        running = {name: pool.submit(run_on, endpoint, situations) for name, endpoint in endpoints.items()}
        return {name: result.result() for name, result in running.items()}
