"""Situations of SNS."""
import json

from situations._situation import collected, queue_of

SITUATIONS, situation = collected()


@situation
def a_topic_and_its_attributes(run):
    topic = run("create", "sns.create_topic", Name="plain")["TopicArn"]
    run("create again", "sns.create_topic", Name="plain")
    run("attributes", "sns.get_topic_attributes", TopicArn=topic)
    run("set the display name", "sns.set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Plain")
    run("create with another display name", "sns.create_topic", Name="plain", Attributes={"DisplayName": "Other"})
    run("set an unknown attribute", "sns.set_topic_attributes", TopicArn=topic, AttributeName="Nothing", AttributeValue="1")
    run("set a policy that is no JSON", "sns.set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue="{")
    run("make it fifo", "sns.set_topic_attributes", TopicArn=topic, AttributeName="FifoTopic", AttributeValue="true")
    run("tracing", "sns.set_topic_attributes", TopicArn=topic, AttributeName="TracingConfig", AttributeValue="Active")
    run("an unknown tracing", "sns.set_topic_attributes", TopicArn=topic, AttributeName="TracingConfig", AttributeValue="Some")
    run("signature version 3", "sns.set_topic_attributes", TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="3")
    run("attributes that were set", "sns.get_topic_attributes", TopicArn=topic)
    run("delete", "sns.delete_topic", TopicArn=topic)
    run("delete again", "sns.delete_topic", TopicArn=topic)
    run("attributes of none", "sns.get_topic_attributes", TopicArn=topic)
    run("set an attribute of none", "sns.set_topic_attributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="x")
    run("attributes of no arn", "sns.get_topic_attributes", TopicArn="plain")


@situation
def names_of_topics(run):
    run("empty", "sns.create_topic", Name="")
    run("with a space", "sns.create_topic", Name="a topic")
    run("of 257 characters", "sns.create_topic", Name="t" * 257)
    run("of 256 characters", "sns.create_topic", Name="t" * 256)
    run("fifo without the suffix", "sns.create_topic", Name="fifo", Attributes={"FifoTopic": "true"})
    run("the suffix without fifo", "sns.create_topic", Name="standard.fifo")
    run("an unknown attribute", "sns.create_topic", Name="unknown", Attributes={"Nothing": "1"})
    run("no name", "sns.create_topic")


@situation
def tags_of_topics(run):
    tags = [{"Key": "a", "Value": "1"}]
    topic = run("create", "sns.create_topic", Name="tagged", Tags=tags)["TopicArn"]
    run("create with other tags", "sns.create_topic", Name="tagged", Tags=[{"Key": "a", "Value": "2"}])
    run("tag", "sns.tag_resource", ResourceArn=topic, Tags=[{"Key": "b", "Value": "2"}])
    run("tags", "sns.list_tags_for_resource", ResourceArn=topic)
    run("untag", "sns.untag_resource", ResourceArn=topic, TagKeys=["a", "unknown"])
    run("what is left", "sns.list_tags_for_resource", ResourceArn=topic)
    run("one key twice", "sns.tag_resource", ResourceArn=topic, Tags=[{"Key": "c", "Value": "1"}, {"Key": "c", "Value": "2"}])
    run("tag a topic that does not exist", "sns.tag_resource", ResourceArn=f"{topic}-gone", Tags=tags)
    run("tags of a topic that does not exist", "sns.list_tags_for_resource", ResourceArn=f"{topic}-gone")


@situation
def permissions_of_topics(run):
    topic = run("create", "sns.create_topic", Name="permitted")["TopicArn"]
    grant = {"TopicArn": topic, "Label": "one", "AWSAccountId": ["111122223333"], "ActionName": ["Publish"]}
    run("permit", "sns.add_permission", **grant)
    run("permit again", "sns.add_permission", **grant)
    run("permit an unknown action", "sns.add_permission", **{**grant, "Label": "two", "ActionName": ["Everything"]})
    run("attributes", "sns.get_topic_attributes", TopicArn=topic)
    run("remove", "sns.remove_permission", TopicArn=topic, Label="one")
    run("remove again", "sns.remove_permission", TopicArn=topic, Label="one")
    run("permit for a topic that does not exist", "sns.add_permission", **{**grant, "TopicArn": f"{topic}-gone"})


@situation
def subscriptions_of_queues(run):
    _, queue = queue_of(run, "subscribed", "sns.amazonaws.com")
    topic = run("create", "sns.create_topic", Name="subscriptions")["TopicArn"]
    subscribe = lambda step, **members: run(step, "sns.subscribe", **{"TopicArn": topic, "Protocol": "sqs", "Endpoint": queue, **members})
    subscription = subscribe("subscribe", ReturnSubscriptionArn=True)["SubscriptionArn"]
    subscribe("subscribe again")
    subscribe("subscribe with other attributes", Attributes={"RawMessageDelivery": "true"})
    subscribe("an unknown protocol", Protocol="pigeon")
    subscribe("a queue by its url", Endpoint="http://sqs/queue")
    subscribe("https without a url", Protocol="https", Endpoint="example.com")
    subscribe("an email without an at sign", Protocol="email", Endpoint="nobody")
    subscribe("an email", Protocol="email", Endpoint="somebody@example.com")
    subscribe("a topic that does not exist", TopicArn=f"{topic}-gone")
    subscribe("an unknown attribute", Attributes={"Nothing": "1"})
    subscribe("a filter policy that is no JSON", Attributes={"FilterPolicy": "{"})
    run("attributes", "sns.get_subscription_attributes", SubscriptionArn=subscription)
    set_ = lambda step, name, value, **members: run(
        step, "sns.set_subscription_attributes", **{"SubscriptionArn": subscription, "AttributeName": name, "AttributeValue": value, **members}
    )
    set_("set raw delivery", "RawMessageDelivery", "true")
    set_("set raw delivery to a word", "RawMessageDelivery", "maybe")
    set_("set an unknown attribute", "Nothing", "1")
    set_("set a filter policy", "FilterPolicy", json.dumps({"a": ["b"]}))
    set_("set its scope", "FilterPolicyScope", "MessageBody")
    set_("set an unknown scope", "FilterPolicyScope", "Everything")
    set_("set a redrive policy", "RedrivePolicy", json.dumps({"deadLetterTargetArn": queue}))
    set_("set a redrive policy without a queue", "RedrivePolicy", "{}")
    set_("set the attribute of none", "RawMessageDelivery", "true", SubscriptionArn=f"{topic}:00000000-0000-0000-0000-000000000000")
    run("attributes that were set", "sns.get_subscription_attributes", SubscriptionArn=subscription)
    set_("remove the filter policy", "FilterPolicy", "")
    set_("set an empty filter policy", "FilterPolicy", "{}")
    run("attributes that are left", "sns.get_subscription_attributes", SubscriptionArn=subscription)
    run("confirm with a wrong token", "sns.confirm_subscription", TopicArn=topic, Token="wrong")
    run("unsubscribe", "sns.unsubscribe", SubscriptionArn=subscription)
    run("unsubscribe again", "sns.unsubscribe", SubscriptionArn=subscription)
    run("unsubscribe with no arn", "sns.unsubscribe", SubscriptionArn="wrong")
    run("attributes of none", "sns.get_subscription_attributes", SubscriptionArn=subscription)
    run("list of none", "sns.list_subscriptions_by_topic", TopicArn=f"{topic}-gone")


@situation
def filter_policies_that_are_refused(run):
    _, queue = queue_of(run, "refusing", "sns.amazonaws.com")
    topic = run("create", "sns.create_topic", Name="refusing")["TopicArn"]
    subscription = run("subscribe", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True)["SubscriptionArn"]
    for name, policy in (
        ("text instead of a list", {"a": "b"}),
        ("an empty list", {"a": []}),
        ("an unknown operator", {"a": [{"like": "b"}]}),
        ("a prefix that is a number", {"a": [{"prefix": 1}]}),
        ("a numeric range that is reversed", {"a": [{"numeric": [">", 5, "<", 1]}]}),
        ("an unknown comparison", {"a": [{"numeric": ["~", 5]}]}),
        ("exists with a word", {"a": [{"exists": "yes"}]}),
        ("six keys", {f"k{n}": ["v"] for n in range(6)}),
        ("nested keys for attributes", {"a": {"b": ["c"]}}),
        ("a list", ["a"]),
        ("an invalid address range", {"a": [{"cidr": "10.0.0.0/33"}]}),
        ("two operators in one", {"a": [{"prefix": "b", "suffix": "c"}]}),
    ):
        members = {"SubscriptionArn": subscription, "AttributeName": "FilterPolicy", "AttributeValue": json.dumps(policy)}
        run(name, "sns.set_subscription_attributes", **members)


def delivered(run, name, policies, messages, scope="MessageAttributes"):
    """What each policy lets through."""
    topic = run(f"create {name}", "sns.create_topic", Name=name)["TopicArn"]
    queues = []
    for number, (_, policy) in enumerate(policies):
        url, queue = queue_of(run, f"{name}-{number}", "sns.amazonaws.com")
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope}
        run(f"subscribe {number}", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes=attributes)
        queues.append(url)
    for number, (body, attributes) in enumerate(messages):
        run(f"publish {number}", "sns.publish", TopicArn=topic, Message=body, MessageAttributes=attributes)
    all_url, all_queue = queue_of(run, f"{name}-all", "sns.amazonaws.com")
    run("subscribe to all", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=all_queue, Attributes={"RawMessageDelivery": "true"})
    run("publish the end", "sns.publish", TopicArn=topic, Message="end")
    run.messages("the end", all_url, 1)
    for (policy, _), url in zip(policies, queues):
        # what passes has arrived with the end
        run.note(policy, present(run, url))


def present(run, url):
    bodies = []
    for _ in range(3):
        for message in run.connect("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            bodies.append(message["Body"])
    return sorted(bodies)


@situation
def filters_by_attributes(run):
    text = lambda value: {"DataType": "String", "StringValue": value}
    number = lambda value: {"DataType": "Number", "StringValue": value}
    delivered(
        run,
        "by-attributes",
        [
            ("equal", {"kind": ["order"]}),
            ("prefix", {"kind": [{"prefix": "ord"}]}),
            ("suffix", {"kind": [{"suffix": "er"}]}),
            ("anything but", {"kind": [{"anything-but": ["order"]}]}),
            ("anything but a prefix", {"kind": [{"anything-but": {"prefix": "re"}}]}),
            ("equal in any case", {"kind": [{"equals-ignore-case": "ORDER"}]}),
            ("exists", {"price": [{"exists": True}]}),
            ("does not exist", {"price": [{"exists": False}]}),
            ("range", {"price": [{"numeric": [">", 10, "<=", 20]}]}),
            ("number as equal", {"price": [15]}),
            ("both keys", {"kind": ["order"], "price": [{"numeric": [">", 10]}]}),
            ("one of two keys", {"$or": [{"kind": ["refund"]}, {"price": [15]}]}),
            ("element of a list", {"tags": ["a"]}),
            ("address", {"ip": [{"cidr": "10.0.0.0/24"}]}),
        ],
        [
            ("order 15", {"kind": text("order"), "price": number("15")}),
            ("order 20.0", {"kind": text("order"), "price": number("20.0")}),
            ("order 5", {"kind": text("order"), "price": number("5")}),
            ("refund", {"kind": text("refund")}),
            ("list", {"tags": {"DataType": "String.Array", "StringValue": '["a", "b"]'}}),
            ("inside", {"ip": text("10.0.0.7")}),
            ("outside", {"ip": text("10.0.1.7")}),
            ("price as text", {"kind": text("order"), "price": text("15")}),
        ],
    )


@situation
def filters_by_bodies(run):
    body = lambda **members: (json.dumps(members, sort_keys=True), {})
    delivered(
        run,
        "by-bodies",
        [
            ("equal", {"kind": ["order"]}),
            ("nested", {"customer": {"vip": [True]}}),
            ("null", {"note": [None]}),
            ("range in a list", {"lines": {"price": [{"numeric": [">", 10]}]}}),
            ("does not exist", {"customer": {"vip": [{"exists": False}]}}),
            ("anything but", {"kind": [{"anything-but": "order"}]}),
        ],
        [
            body(kind="order", customer={"vip": True}),
            body(kind="refund", customer={"vip": False}, note=None),
            body(kind="bulk", lines=[{"price": 5}, {"price": 50}]),
            ("no json", {}),
        ],
        scope="MessageBody",
    )


@situation
def publishing(run):
    url, queue = queue_of(run, "published", "sns.amazonaws.com")
    topic = run("create", "sns.create_topic", Name="publishing")["TopicArn"]
    run("subscribe", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue)
    attributes = {"a": {"DataType": "String", "StringValue": "b"}, "n": {"DataType": "Number", "StringValue": "1"}}
    run("publish", "sns.publish", TopicArn=topic, Message="hello", Subject="subject", MessageAttributes=attributes)
    run.until("its envelope", lambda answer: answer.get("Messages"), "sqs.receive_message", QueueUrl=url, MessageAttributeNames=["All"])
    structure = json.dumps({"default": "for all", "sqs": "for queues"})
    run("publish by protocol", "sns.publish", TopicArn=topic, Message=structure, MessageStructure="json")
    run.until("what the queue gets", lambda answer: answer.get("Messages"), "sqs.receive_message", QueueUrl=url)
    publish = lambda step, **members: run(step, "sns.publish", **{"TopicArn": topic, "Message": "x", **members})
    publish("a structure without default", Message=json.dumps({"sqs": "x"}), MessageStructure="json")
    publish("a structure that is no JSON", Message="{", MessageStructure="json")
    publish("an empty message", Message="")
    publish("an empty subject", Subject="")
    publish("a subject of 101 characters", Subject="s" * 101)
    publish("a subject with a line break", Subject="a\nb")
    publish("too long a message", Message="x" * (256 * 1024 + 1))
    publish("an attribute of an unknown type", MessageAttributes={"a": {"DataType": "Text", "StringValue": "b"}})
    publish("an attribute without value", MessageAttributes={"a": {"DataType": "String"}})
    publish("a number that is a word", MessageAttributes={"a": {"DataType": "Number", "StringValue": "many"}})
    publish("a list that is no JSON", MessageAttributes={"a": {"DataType": "String.Array", "StringValue": "["}})
    publish("an attribute with an empty name", MessageAttributes={"": {"DataType": "String", "StringValue": "b"}})
    publish("a group of a standard topic", MessageGroupId="g")
    publish("a deduplication id of a standard topic", MessageDeduplicationId="d")
    publish("a topic that does not exist", TopicArn=f"{topic}-gone")
    publish("no arn", TopicArn="wrong")
    run("no target", "sns.publish", Message="x")
    batch = lambda step, entries: run(step, "sns.publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)
    batch("a batch", [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2"}])
    batch("a batch of which one fails", [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": ""}])
    batch("an empty batch", [])
    batch("two of one id", [{"Id": "a", "Message": "1"}, {"Id": "a", "Message": "2"}])
    batch("eleven", [{"Id": str(n), "Message": "1"} for n in range(11)])
    batch("an id with a dot", [{"Id": "a.b", "Message": "1"}])
    batch("too long together", [{"Id": str(n), "Message": "x" * 140_000} for n in range(2)])


@situation
def a_fifo_topic(run):
    url, queue = queue_of(run, "ordered.fifo", "sns.amazonaws.com", fifo=True)
    _, standard = queue_of(run, "unordered", "sns.amazonaws.com")
    topic = run("create", "sns.create_topic", Name="ordered.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    run("attributes", "sns.get_topic_attributes", TopicArn=topic)
    run("subscribe", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    run("subscribe a standard queue", "sns.subscribe", TopicArn=topic, Protocol="sqs", Endpoint=standard)
    run("subscribe an email", "sns.subscribe", TopicArn=topic, Protocol="email", Endpoint="somebody@example.com")
    plain = run("create a standard topic", "sns.create_topic", Name="not-ordered")["TopicArn"]
    run("subscribe a fifo queue to it", "sns.subscribe", TopicArn=plain, Protocol="sqs", Endpoint=queue)
    publish = lambda step, body, **members: run(step, "sns.publish", TopicArn=topic, Message=body, **members)
    publish("publish", "1", MessageGroupId="g", MessageDeduplicationId="1")
    publish("publish again", "1", MessageGroupId="g", MessageDeduplicationId="1")
    publish("publish without a group", "2", MessageDeduplicationId="2")
    publish("publish without deduplication", "2", MessageGroupId="g")
    run("deduplicate by content", "sns.set_topic_attributes", TopicArn=topic, AttributeName="ContentBasedDeduplication", AttributeValue="true")
    publish("publish by content", "2", MessageGroupId="g")
    publish("publish by content again", "2", MessageGroupId="g")
    run.messages("what arrived", url, 2)
    entries = [{"Id": "a", "Message": "3", "MessageGroupId": "g"}, {"Id": "b", "Message": "4"}]
    run("a batch with one without a group", "sns.publish_batch", TopicArn=topic, PublishBatchRequestEntries=entries)
    run("fifo as false", "sns.create_topic", Name="unordered", Attributes={"FifoTopic": "false"})
    run("deduplication of a standard topic", "sns.create_topic", Name="unordered2", Attributes={"ContentBasedDeduplication": "true"})
