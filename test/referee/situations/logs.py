"""Situations of CloudWatch Logs."""
import json
import time

from situations._situation import collected, function_of, role_of

SITUATIONS, situation = collected()


@situation
def groups(run):
    run("create", "logs.create_log_group", logGroupName="/app/one", tags={"a": "1"})
    run("create again", "logs.create_log_group", logGroupName="/app/one")
    run("create with a space", "logs.create_log_group", logGroupName="a group")
    run("create with an empty name", "logs.create_log_group", logGroupName="")
    run("create with an unknown class", "logs.create_log_group", logGroupName="/app/class", logGroupClass="SMALL")
    run("create an infrequent one", "logs.create_log_group", logGroupName="/app/infrequent", logGroupClass="INFREQUENT_ACCESS")
    run("describe", "logs.describe_log_groups", logGroupNamePrefix="/app/")
    first = run("describe a page", "logs.describe_log_groups", logGroupNamePrefix="/app/", limit=1)
    run("describe the next", "logs.describe_log_groups", logGroupNamePrefix="/app/", limit=1, nextToken=first["nextToken"])
    run("describe by a pattern", "logs.describe_log_groups", logGroupNamePattern="one")
    run("describe by both", "logs.describe_log_groups", logGroupNamePattern="one", logGroupNamePrefix="/app/")
    run("describe too many", "logs.describe_log_groups", limit=51)
    run("retention", "logs.put_retention_policy", logGroupName="/app/one", retentionInDays=7)
    run("a retention that is none", "logs.put_retention_policy", logGroupName="/app/one", retentionInDays=2)
    run("retention of none", "logs.put_retention_policy", logGroupName="/unknown", retentionInDays=7)
    arn = run("describe with the retention", "logs.describe_log_groups", logGroupNamePrefix="/app/one")["logGroups"][0]["arn"].removesuffix(":*")
    run("no retention", "logs.delete_retention_policy", logGroupName="/app/one")
    run("describe without", "logs.describe_log_groups", logGroupNamePrefix="/app/one")
    run("tag", "logs.tag_resource", resourceArn=arn, tags={"b": "2"})
    run("tags", "logs.list_tags_for_resource", resourceArn=arn)
    run("untag", "logs.untag_resource", resourceArn=arn, tagKeys=["a"])
    run("what is left", "logs.list_tags_for_resource", resourceArn=arn)
    run("tags of none", "logs.list_tags_for_resource", resourceArn=f"{arn}-gone")
    run("delete", "logs.delete_log_group", logGroupName="/app/one")
    run("delete again", "logs.delete_log_group", logGroupName="/app/one")


@situation
def streams_and_events(run):
    now = int(time.time() * 1000)
    group = {"logGroupName": "/app/events"}
    stream = {**group, "logStreamName": "stream"}
    run("create a group", "logs.create_log_group", **group)
    run("create", "logs.create_log_stream", **stream)
    run("create again", "logs.create_log_stream", **stream)
    run("create with a colon", "logs.create_log_stream", **group, logStreamName="a:b")
    run("create in an unknown group", "logs.create_log_stream", logGroupName="/unknown", logStreamName="stream")
    event = lambda message, age=0: {"timestamp": now - age, "message": message}
    put = lambda step, *events, **members: run(step, "logs.put_log_events", **{**stream, "logEvents": list(events), **members})
    put("put", event("one", 3000), event('{"level": "info", "n": 2}', 2000), event("ERROR three", 1000))
    put("put with a token", event("four"), sequenceToken="any")
    put("put none")
    put("put an empty message", event(""))
    put("put in the wrong order", event("b"), event("a", 1000))
    put("put what is too old", event("old", 15 * 24 * 3_600_000), event("young"))
    put("put what is in the future", event("future", -3 * 3_600_000))
    put("put over 24 hours", event("yesterday", 25 * 3_600_000), event("today"))
    put("put to an unknown stream", event("x"), logStreamName="unknown")
    put("put to an unknown group", event("x"), logGroupName="/unknown")
    get = lambda step, **members: run(step, "logs.get_log_events", **{**stream, **members})
    get("get from the start", startFromHead=True, limit=2)
    get("get the last", limit=1)
    get("get by time", startTime=now - 2500, endTime=now - 500, startFromHead=True)
    get("get from an unknown stream", logStreamName="unknown")
    get("get from an unknown group", logGroupName="/unknown")
    get("get too many", limit=10001)
    get("get with a wrong token", nextToken="wrong")
    run("describe streams", "logs.describe_log_streams", **group)
    run("describe streams by time", "logs.describe_log_streams", **group, orderBy="LastEventTime", descending=True)
    run("describe by time and prefix", "logs.describe_log_streams", **group, orderBy="LastEventTime", logStreamNamePrefix="s")
    run("describe streams of none", "logs.describe_log_streams", logGroupName="/unknown")
    run("delete a stream", "logs.delete_log_stream", **stream)
    run("delete it again", "logs.delete_log_stream", **stream)


@situation
def filters(run):
    now = int(time.time() * 1000)
    stream = {"logGroupName": "/app/filters", "logStreamName": "stream"}
    run("create a group", "logs.create_log_group", logGroupName="/app/filters")
    run("create a stream", "logs.create_log_stream", **stream)
    messages = (
        "ERROR out of memory",
        "INFO all is well",
        "error in lower case",
        '{"level": "error", "code": 500, "user": {"name": "ann"}, "tags": ["a", "b"], "ok": false, "gone": null}',
        '{"level": "info", "code": 200, "user": {"name": "bob"}, "ok": true}',
        "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] 404 1534",
    )
    run("put", "logs.put_log_events", **stream, logEvents=[{"timestamp": now - 100 + n, "message": message} for n, message in enumerate(messages)])
    find = lambda pattern: run(f"find {pattern}", "logs.filter_log_events", logGroupName="/app/filters", filterPattern=pattern)
    for pattern in (
        "",
        "ERROR",
        "ERROR memory",
        '"out of"',
        "?ERROR ?INFO",
        "-INFO",
        "ERROR -memory",
        "%[Ee]rror%",
        '{ $.level = "error" }',
        '{ $.level != "error" }',
        "{ $.code >= 500 }",
        '{ $.code > 100 && $.user.name = "b*" }',
        '{ ($.level = "info") || ($.code = 500) }',
        '{ $.tags[0] = "a" }',
        "{ $.ok IS FALSE }",
        "{ $.gone IS NULL }",
        "{ $.user.age NOT EXISTS }",
        "[ip, id, user, when, status = 404, size]",
        "[ip, ..., size > 1000]",
        "{ $.level = }",
        "{ level = 1 }",
        "[a, b",
    ):
        find(pattern)
    run("a page", "logs.filter_log_events", logGroupName="/app/filters", limit=2)
    run("by stream", "logs.filter_log_events", logGroupName="/app/filters", logStreamNames=["stream"], filterPattern="INFO")
    run("by an unknown stream", "logs.filter_log_events", logGroupName="/app/filters", logStreamNames=["unknown"])
    run("by a prefix of streams", "logs.filter_log_events", logGroupName="/app/filters", logStreamNamePrefix="str", filterPattern="INFO")
    run("by both", "logs.filter_log_events", logGroupName="/app/filters", logStreamNames=["stream"], logStreamNamePrefix="str")
    run("of an unknown group", "logs.filter_log_events", logGroupName="/unknown")
    tail = {"logGroupName": "/app/filters", "startTime": now - 60_000, "startFromHead": False}
    first = run("the newest", "logs.filter_log_events", **tail, limit=2)
    if first.get("nextToken"):
        run("before the newest", "logs.filter_log_events", **tail, limit=2, nextToken=first["nextToken"])
    run("the newest of too long ago", "logs.filter_log_events", logGroupName="/app/filters", startFromHead=False, startTime=0)


@situation
def subscription_filters(run):
    group = {"logGroupName": "/app/subscribed"}
    run("create a group", "logs.create_log_group", **group)
    function = function_of(run, "subscribed")
    role = role_of(run, "logs-to-kinesis", "logs.amazonaws.com")
    put = lambda step, **members: run(step, "logs.put_subscription_filter", **{**group, "filterName": "all", "filterPattern": "", "destinationArn": function, **members})
    put("without permission")
    permission = {"FunctionName": "subscribed", "StatementId": "logs", "Action": "lambda:InvokeFunction", "Principal": "logs.amazonaws.com"}
    run.connect("lambda").add_permission(**permission)
    put("put")
    run("describe", "logs.describe_subscription_filters", **group)
    put("put again", filterPattern="ERROR")
    run("describe again", "logs.describe_subscription_filters", **group)
    put("a second", filterName="second")
    put("a third", filterName="third")
    put("a pattern that is none", filterPattern="{ $.a = ")
    put("an unknown function", destinationArn=f"{function}-gone")
    put("a destination of another service", destinationArn="arn:aws:sqs:us-east-1:000000000000:queue")
    put("no arn", destinationArn="function")
    put("a role for a function", roleArn=role)
    put("an unknown group", logGroupName="/unknown")
    put("an unknown distribution", distribution="Sometimes")
    run("describe by prefix", "logs.describe_subscription_filters", **group, filterNamePrefix="se")
    run("describe of none", "logs.describe_subscription_filters", logGroupName="/unknown")
    run("delete", "logs.delete_subscription_filter", **group, filterName="all")
    run("delete again", "logs.delete_subscription_filter", **group, filterName="all")


@situation
def resource_policies(run):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}]})
    run("put", "logs.put_resource_policy", policyName="events", policyDocument=policy)
    run("describe", "logs.describe_resource_policies")
    run("put no JSON", "logs.put_resource_policy", policyName="wrong", policyDocument="{")
    run("delete", "logs.delete_resource_policy", policyName="events")
    run("delete again", "logs.delete_resource_policy", policyName="events")
