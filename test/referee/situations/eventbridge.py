"""Situations of EventBridge."""
import json

from situations._situation import collected, function_of, queue_of

SITUATIONS, situation = collected()

EVENT = {
    "id": "1",
    "source": "shop",
    "detail-type": "order",
    "account": "111122223333",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:s3:::bucket"],
    "detail": {"kind": "Order", "price": 15, "paid": True, "note": None, "empty": "", "tags": ["a", "b"], "ip": "10.0.0.7", "path": "/a/b/c.txt", "big": 3e8},
}


@situation
def patterns(run):
    test = lambda step, pattern, event=EVENT: run(
        step,
        "events.test_event_pattern",
        EventPattern=pattern if isinstance(pattern, str) else json.dumps(pattern),
        Event=event if isinstance(event, str) else json.dumps(event),
    )
    detail = lambda step, pattern: test(step, {"detail": pattern})
    test("equal", {"source": ["shop"]})
    test("not equal", {"source": ["bank"]})
    test("in a list", {"resources": ["arn:aws:s3:::bucket"]})
    detail("case matters", {"kind": ["order"]})
    detail("any case", {"kind": [{"equals-ignore-case": "order"}]})
    detail("prefix", {"kind": [{"prefix": "Ord"}]})
    detail("prefix in any case", {"kind": [{"prefix": {"equals-ignore-case": "ORD"}}]})
    detail("suffix", {"kind": [{"suffix": "er"}]})
    detail("suffix in any case", {"kind": [{"suffix": {"equals-ignore-case": "ER"}}]})
    detail("wildcard", {"path": [{"wildcard": "/a/*.txt"}]})
    detail("wildcard with a literal asterisk", {"path": [{"wildcard": "/a/\\*.txt"}]})
    detail("two asterisks in a row", {"path": [{"wildcard": "/a/**"}]})
    detail("anything but", {"kind": [{"anything-but": "Order"}]})
    detail("anything but a list", {"kind": [{"anything-but": ["Order", "Refund"]}]})
    detail("anything but a prefix", {"kind": [{"anything-but": {"prefix": "Ref"}}]})
    detail("anything but a suffix", {"kind": [{"anything-but": {"suffix": "er"}}]})
    detail("anything but a wildcard", {"path": [{"anything-but": {"wildcard": "*.png"}}]})
    detail("anything but in any case", {"kind": [{"anything-but": {"equals-ignore-case": "order"}}]})
    detail("anything but a number", {"price": [{"anything-but": 15}]})
    detail("number", {"price": [15]})
    detail("number with a fraction", {"price": [15.0]})
    detail("number as text", {"price": ["15"]})
    detail("range", {"price": [{"numeric": [">", 10, "<=", 15]}]})
    detail("equal number", {"price": [{"numeric": ["=", 15]}]})
    detail("big number", {"big": [300000000]})
    detail("boolean", {"paid": [True]})
    detail("null", {"note": [None]})
    detail("empty text", {"empty": [""]})
    detail("exists", {"kind": [{"exists": True}]})
    detail("exists with null", {"note": [{"exists": True}]})
    detail("does not exist", {"other": [{"exists": False}]})
    detail("exists for a branch", {"kind": [{"exists": False}]})
    detail("one of", {"$or": [{"kind": ["Refund"]}, {"price": [15]}]})
    detail("address", {"ip": [{"cidr": "10.0.0.0/24"}]})
    detail("address outside", {"ip": [{"cidr": "10.0.1.0/24"}]})
    detail("element", {"tags": ["b"]})
    detail("elements by anything but", {"tags": [{"anything-but": ["a"]}]})
    for name, pattern in (
        ("no JSON", "{"),
        ("a list as pattern", "[]"),
        ("empty pattern", "{}"),
        ("text instead of a list", {"source": "shop"}),
        ("an empty list", {"source": []}),
        ("an unknown operator", {"source": [{"like": "s"}]}),
        ("a prefix of a number", {"source": [{"prefix": 1}]}),
        ("numeric without number", {"detail": {"price": [{"numeric": [">", "10"]}]}}),
        ("numeric of an unknown comparison", {"detail": {"price": [{"numeric": ["!", 10]}]}}),
        ("a reversed range", {"detail": {"price": [{"numeric": [">", 10, "<", 5]}]}}),
        ("exists with a word", {"detail": {"price": [{"exists": "yes"}]}}),
        ("one of one", {"$or": [{"source": ["shop"]}]}),
        ("a list in a list", {"source": [["shop"]]}),
        ("an address that is none", {"detail": {"ip": [{"cidr": "10.0.0"}]}}),
        ("two operators in one", {"source": [{"prefix": "s", "suffix": "p"}]}),
        ("anything but nothing", {"source": [{"anything-but": []}]}),
        ("anything but of mixed types", {"source": [{"anything-but": ["a", 1]}]}),
    ):
        test(name, pattern)
    test("an event that is no JSON", {"source": ["shop"]}, "{")
    test("an event without fields", {"source": ["shop"]}, {"source": "shop"})


@situation
def rules(run):
    put = lambda step, **members: run(step, "events.put_rule", **members)
    pattern = json.dumps({"source": ["shop"]})
    put("put", Name="orders", EventPattern=pattern, Description="of the shop")
    run("describe", "events.describe_rule", Name="orders")
    put("put again with a schedule", Name="orders", ScheduleExpression="rate(5 minutes)")
    run("describe what was put again", "events.describe_rule", Name="orders")
    run("disable", "events.disable_rule", Name="orders")
    run("describe what is disabled", "events.describe_rule", Name="orders")
    run("enable", "events.enable_rule", Name="orders")
    put("neither pattern nor schedule", Name="nothing")
    put("a pattern that is none", Name="wrong", EventPattern="{")
    put("a pattern with text", Name="wrong", EventPattern='{"source": "shop"}')
    for expression in ("rate(1 minute)", "rate(1 minutes)", "rate(2 minute)", "rate(0 minutes)", "rate(5 weeks)", "cron(0 12 * * ? *)", "cron(0 12 * * * *)", "cron(0 12 1 * 1 *)", "every day", "at(2030-01-01T00:00:00)"):
        put(f"schedule {expression}", Name="scheduled", ScheduleExpression=expression)
    put("a name with a space", Name="a rule", EventPattern=pattern)
    put("a name of 65 characters", Name="r" * 65, EventPattern=pattern)
    put("an unknown state", Name="orders", EventPattern=pattern, State="ON")
    put("an unknown bus", Name="orders", EventPattern=pattern, EventBusName="unknown")
    put("a role that is none", Name="orders", EventPattern=pattern, RoleArn="role")
    run("list", "events.list_rules", NamePrefix="orders")
    run("list of an unknown bus", "events.list_rules", EventBusName="unknown")
    run("describe none", "events.describe_rule", Name="unknown")
    run("enable none", "events.enable_rule", Name="unknown")
    run("delete", "events.delete_rule", Name="orders")
    run("delete again", "events.delete_rule", Name="orders")
    put("with tags", Name="tagged", EventPattern=pattern, Tags=[{"Key": "a", "Value": "1"}])
    arn = run("describe the tagged", "events.describe_rule", Name="tagged")["Arn"]
    run("tag", "events.tag_resource", ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    run("tags", "events.list_tags_for_resource", ResourceARN=arn)
    run("untag", "events.untag_resource", ResourceARN=arn, TagKeys=["a"])
    run("what is left", "events.list_tags_for_resource", ResourceARN=arn)
    run("tag none", "events.tag_resource", ResourceARN=f"{arn}-gone", Tags=[{"Key": "b", "Value": "2"}])


@situation
def targets(run):
    _, queue = queue_of(run, "targeted", "events.amazonaws.com")
    function = function_of(run, "targeted")
    run("put a rule", "events.put_rule", Name="targeting", EventPattern=json.dumps({"source": ["shop"]}))
    put = lambda step, *targets: run(step, "events.put_targets", Rule="targeting", Targets=list(targets))
    put("put", {"Id": "1-queue", "Arn": queue}, {"Id": "2-function", "Arn": function, "Input": '{"a": 1}'})
    run("list", "events.list_targets_by_rule", Rule="targeting")
    run("rules of a target", "events.list_rule_names_by_target", TargetArn=queue)
    put("put again", {"Id": "1-queue", "Arn": queue, "InputPath": "$.detail"})
    run("list again", "events.list_targets_by_rule", Rule="targeting")
    put("an input that is no JSON", {"Id": "wrong", "Arn": queue, "Input": "{"})
    put("an input and a path", {"Id": "wrong", "Arn": queue, "Input": "{}", "InputPath": "$.detail"})
    put("a path that is none", {"Id": "wrong", "Arn": queue, "InputPath": "detail"})
    put("a template with an unknown variable", {"Id": "wrong", "Arn": queue, "InputTransformer": {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '{"b": <b>}'}})
    put("no arn", {"Id": "wrong", "Arn": "queue"})
    put("a fifo queue without group", {"Id": "wrong", "Arn": f"{queue}.fifo"})
    put("an id with a space", {"Id": "an id", "Arn": queue})
    put("too many retries", {"Id": "wrong", "Arn": queue, "RetryPolicy": {"MaximumRetryAttempts": 186}})
    put("too young an event", {"Id": "wrong", "Arn": queue, "RetryPolicy": {"MaximumEventAgeInSeconds": 59}})
    put("a dead-letter queue that is none", {"Id": "wrong", "Arn": queue, "DeadLetterConfig": {"Arn": "queue"}})
    put("six", *({"Id": f"t{n}", "Arn": queue} for n in range(6)))
    put("none")
    run("put to an unknown rule", "events.put_targets", Rule="unknown", Targets=[{"Id": "queue", "Arn": queue}])
    run("list of an unknown rule", "events.list_targets_by_rule", Rule="unknown")
    run("delete the rule with targets", "events.delete_rule", Name="targeting")
    run("remove", "events.remove_targets", Rule="targeting", Ids=["1-queue", "unknown"])
    run("remove from an unknown rule", "events.remove_targets", Rule="unknown", Ids=["queue"])
    run("what is left", "events.list_targets_by_rule", Rule="targeting")


@situation
def events_to_queues(run):
    deliver = []
    for name, target in (
        ("whole", {}),
        ("constant", {"Input": '{"a": 1}'}),
        ("path", {"InputPath": "$.detail"}),
        ("path to text", {"InputPath": "$.source"}),
        ("path to nothing", {"InputPath": "$.detail.nothing"}),
        ("template", {"InputTransformer": {"InputPathsMap": {"kind": "$.detail.kind", "all": "$.detail"}, "InputTemplate": '{"kind": <kind>, "all": <all>, "text": "a <kind>"}'}}),
        ("text template", {"InputTransformer": {"InputPathsMap": {"kind": "$.detail.kind"}, "InputTemplate": '"of kind <kind>"'}}),
        ("template with the rule", {"InputTransformer": {"InputTemplate": '{"rule": <aws.events.rule-name>}'}}),
        ("template with nothing", {"InputTransformer": {"InputPathsMap": {"no": "$.detail.nothing"}, "InputTemplate": '{"a": <no>, "b": "<no>"}'}}),
    ):
        label = name.replace(" ", "-")
        url, queue = queue_of(run, f"events-{label}", "events.amazonaws.com")
        run(f"rule for {name}", "events.put_rule", Name=f"to-{label}", EventPattern=json.dumps({"source": ["shop"]}))
        run(f"target for {name}", "events.put_targets", Rule=f"to-{label}", Targets=[{"Id": "queue", "Arn": queue, **target}])
        deliver.append((name, url))
    detail = json.dumps({"kind": "order", "price": 15})
    entries = [
        {"Source": "shop", "DetailType": "order", "Detail": detail, "Resources": ["one"]},
        {"Source": "bank", "DetailType": "order", "Detail": detail},
    ]
    run("put events", "events.put_events", Entries=entries)
    run.messages(f"what arrived: {deliver[0][0]}", deliver[0][1], 1)
    for name, url in deliver[1:]:
        run.messages(f"what arrived: {name}", url, 1, _seconds=0.5)


@situation
def entries_that_are_refused(run):
    complete = {"Source": "shop", "DetailType": "order", "Detail": "{}"}
    put = lambda step, **entry: run(step, "events.put_events", Entries=[{key: value for key, value in {**complete, **entry}.items() if value is not None}])
    put("complete")
    put("without source", Source=None)
    put("with an empty source", Source="")
    put("without detail type", DetailType=None)
    put("without detail", Detail=None)
    put("with detail that is no JSON", Detail="{")
    put("with detail that is a list", Detail="[]")
    put("of aws", Source="aws.s3")
    put("for an unknown bus", EventBusName="unknown")
    run("none", "events.put_events", Entries=[])
    run("eleven", "events.put_events", Entries=[complete] * 11)
    run("one of two", "events.put_events", Entries=[complete, {**complete, "Detail": "{"}])
    run("too large", "events.put_events", Entries=[{**complete, "Detail": json.dumps({"a": "x" * 1_100_000})}])


@situation
def buses(run):
    run("the default", "events.describe_event_bus")
    run("create", "events.create_event_bus", Name="orders", Tags=[{"Key": "a", "Value": "1"}])
    run("create again", "events.create_event_bus", Name="orders")
    run("create the default", "events.create_event_bus", Name="default")
    run("create with a slash", "events.create_event_bus", Name="a/b")
    run("create with a space", "events.create_event_bus", Name="a bus")
    run("describe", "events.describe_event_bus", Name="orders")
    run("list", "events.list_event_buses", NamePrefix="orders")
    permission = {"EventBusName": "orders", "StatementId": "one", "Action": "events:PutEvents", "Principal": "111122223333"}
    run("permit", "events.put_permission", **permission)
    run("permit an unknown action", "events.put_permission", **{**permission, "Action": "events:Everything"})
    run("permit no account", "events.put_permission", **{**permission, "Principal": "somebody"})
    run("describe what is permitted", "events.describe_event_bus", Name="orders")
    run("remove", "events.remove_permission", EventBusName="orders", StatementId="one")
    run("remove again", "events.remove_permission", EventBusName="orders", StatementId="one")
    run("a rule on it", "events.put_rule", Name="on-a-bus", EventBusName="orders", EventPattern='{"source": ["shop"]}')
    run("the rule", "events.describe_rule", Name="on-a-bus", EventBusName="orders")
    run("a schedule on it", "events.put_rule", Name="scheduled", EventBusName="orders", ScheduleExpression="rate(1 minute)")
    run("delete with a rule", "events.delete_event_bus", Name="orders")
    run("delete the rule", "events.delete_rule", Name="on-a-bus", EventBusName="orders")
    run("delete", "events.delete_event_bus", Name="orders")
    run("delete again", "events.delete_event_bus", Name="orders")
    run("delete the default", "events.delete_event_bus", Name="default")
    run("describe none", "events.describe_event_bus", Name="orders")


@situation
def archives(run):
    bus = run("create a bus", "events.create_event_bus", Name="archived")["EventBusArn"]
    run("create", "events.create_archive", ArchiveName="archive", EventSourceArn=bus, RetentionDays=7, EventPattern='{"source": ["shop"]}')
    run("create again", "events.create_archive", ArchiveName="archive", EventSourceArn=bus)
    run("create for an unknown bus", "events.create_archive", ArchiveName="other", EventSourceArn=f"{bus}-gone")
    run("create with a wrong pattern", "events.create_archive", ArchiveName="other", EventSourceArn=bus, EventPattern="{")
    run("create with a long name", "events.create_archive", ArchiveName="a" * 49, EventSourceArn=bus)
    run("describe", "events.describe_archive", ArchiveName="archive")
    run("update", "events.update_archive", ArchiveName="archive", RetentionDays=1, Description="short")
    run("describe what was updated", "events.describe_archive", ArchiveName="archive")
    run("list", "events.list_archives", NamePrefix="archive")
    run("list of a bus", "events.list_archives", EventSourceArn=bus)
    run("describe none", "events.describe_archive", ArchiveName="unknown")
    run("update none", "events.update_archive", ArchiveName="unknown")
    run("replays", "events.list_replays", NamePrefix="unknown")
    run("describe an unknown replay", "events.describe_replay", ReplayName="unknown")
    run("cancel an unknown replay", "events.cancel_replay", ReplayName="unknown")
    run("delete", "events.delete_archive", ArchiveName="archive")
    run("delete again", "events.delete_archive", ArchiveName="archive")


@situation
def connections_and_api_destinations(run):
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
    create = lambda step, **members: run(step, "events.create_connection", **{"Name": "shop", "AuthorizationType": "API_KEY", "AuthParameters": key, **members})
    arn = create("create")["ConnectionArn"]
    create("create again")
    create("without parameters of the type", Name="basic", AuthorizationType="BASIC")
    create("an unknown type", Name="other", AuthorizationType="NONE")
    run("describe", "events.describe_connection", Name="shop")
    run("describe none", "events.describe_connection", Name="unknown")
    destination = {"Name": "shop", "ConnectionArn": arn, "InvocationEndpoint": "https://example.com/orders", "HttpMethod": "POST"}
    run("create a destination", "events.create_api_destination", **destination)
    run("create it again", "events.create_api_destination", **destination)
    run("create one with an unknown method", "events.create_api_destination", **{**destination, "Name": "other", "HttpMethod": "SEND"})
    run("create one with an unknown connection", "events.create_api_destination", **{**destination, "Name": "other", "ConnectionArn": arn.replace("/shop/", "/gone/")})
    run("describe the destination", "events.describe_api_destination", Name="shop")
    run("describe no destination", "events.describe_api_destination", Name="unknown")
    run("update the destination", "events.update_api_destination", Name="shop", HttpMethod="PUT")
    run("delete the destination", "events.delete_api_destination", Name="shop")
    run("delete it again", "events.delete_api_destination", Name="shop")
    run("delete the connection", "events.delete_connection", Name="shop")
    run("delete an unknown connection", "events.delete_connection", Name="unknown")
