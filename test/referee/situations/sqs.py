"""Situations of SQS."""
import json

from situations._situation import collected

SITUATIONS, situation = collected()


@situation
def a_queue_and_its_attributes(run):
    queue = run("create", "sqs.create_queue", QueueName="plain")["QueueUrl"]
    run("create again", "sqs.create_queue", QueueName="plain")
    run("create with other attributes", "sqs.create_queue", QueueName="plain", Attributes={"DelaySeconds": "5"})
    run("url", "sqs.get_queue_url", QueueName="plain")
    run("all attributes", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])
    run("one attribute", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
    run("no attributes", "sqs.get_queue_attributes", QueueUrl=queue)
    run("an unknown attribute", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["Nothing"])
    run("set", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"VisibilityTimeout": "7", "DelaySeconds": "0"})
    run("what was set", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["VisibilityTimeout", "DelaySeconds"])
    for name, value in (
        ("VisibilityTimeout", "43201"),
        ("DelaySeconds", "901"),
        ("MessageRetentionPeriod", "59"),
        ("MaximumMessageSize", "1023"),
        ("ReceiveMessageWaitTimeSeconds", "21"),
        ("VisibilityTimeout", "soon"),
        ("Policy", "{"),
        ("RedrivePolicy", "{"),
        ("Nothing", "1"),
        ("FifoQueue", "true"),
    ):
        run(f"set {name} to {value}", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={name: value})
    run("set nothing", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={})
    run("delete", "sqs.delete_queue", QueueUrl=queue)
    run("delete again", "sqs.delete_queue", QueueUrl=queue)
    run("url of none", "sqs.get_queue_url", QueueName="plain")
    run("attributes of none", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])


@situation
def names_of_queues(run):
    run("empty", "sqs.create_queue", QueueName="")
    run("with a space", "sqs.create_queue", QueueName="a queue")
    run("of 81 characters", "sqs.create_queue", QueueName="q" * 81)
    run("of 80 characters", "sqs.create_queue", QueueName="q" * 80)
    run("fifo without the suffix", "sqs.create_queue", QueueName="fifo", Attributes={"FifoQueue": "true"})
    run("the suffix without fifo", "sqs.create_queue", QueueName="standard.fifo")
    run("fifo as false", "sqs.create_queue", QueueName="standard2", Attributes={"FifoQueue": "false"})
    run("no name", "sqs.create_queue")


@situation
def lists_of_queues(run):
    for name in ("list-a", "list-b", "list-c"):
        run(f"create {name}", "sqs.create_queue", QueueName=name)
    run("by prefix", "sqs.list_queues", QueueNamePrefix="list-")
    first = run("first page", "sqs.list_queues", QueueNamePrefix="list-", MaxResults=2)
    run("second page", "sqs.list_queues", QueueNamePrefix="list-", MaxResults=2, NextToken=first["NextToken"])
    run("none", "sqs.list_queues", QueueNamePrefix="nothing-")
    run("too many", "sqs.list_queues", QueueNamePrefix="list-", MaxResults=1001)


@situation
def sending_and_receiving(run):
    queue = run("create", "sqs.create_queue", QueueName="messages")["QueueUrl"]
    run("receive nothing", "sqs.receive_message", QueueUrl=queue)
    run("send", "sqs.send_message", QueueUrl=queue, MessageBody="one")
    attributes = {
        "text": {"DataType": "String", "StringValue": "a"},
        "number": {"DataType": "Number", "StringValue": "1.5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        "custom": {"DataType": "Number.int", "StringValue": "7"},
    }
    all_names = {"MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
    one = run("receive", "sqs.receive_message", QueueUrl=queue, **all_names)["Messages"][0]
    run("receive while it is invisible", "sqs.receive_message", QueueUrl=queue)
    run("delete", "sqs.delete_message", QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
    run("delete again", "sqs.delete_message", QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
    run("delete with a wrong handle", "sqs.delete_message", QueueUrl=queue, ReceiptHandle="wrong")
    run("send with attributes", "sqs.send_message", QueueUrl=queue, MessageBody="two", MessageAttributes=attributes)
    two = run("receive one attribute", "sqs.receive_message", QueueUrl=queue, MessageAttributeNames=["text"])["Messages"][0]
    run("make it visible", "sqs.change_message_visibility", QueueUrl=queue, ReceiptHandle=two["ReceiptHandle"], VisibilityTimeout=0)
    by_prefix = {"MessageAttributeNames": ["n*"], "MessageSystemAttributeNames": ["ApproximateReceiveCount"]}
    two = run("receive by a prefix", "sqs.receive_message", QueueUrl=queue, **by_prefix)["Messages"][0]
    run("make it visible again", "sqs.change_message_visibility", QueueUrl=queue, ReceiptHandle=two["ReceiptHandle"], VisibilityTimeout=0)
    two = run("receive all attributes", "sqs.receive_message", QueueUrl=queue, **all_names)["Messages"][0]
    visibility = {"QueueUrl": queue, "ReceiptHandle": two["ReceiptHandle"]}
    run("too long a visibility", "sqs.change_message_visibility", **visibility, VisibilityTimeout=43201)
    run("visibility with a wrong handle", "sqs.change_message_visibility", QueueUrl=queue, ReceiptHandle="wrong", VisibilityTimeout=1)
    run("delete the second", "sqs.delete_message", QueueUrl=queue, ReceiptHandle=two["ReceiptHandle"])
    run("visibility of a deleted message", "sqs.change_message_visibility", **visibility, VisibilityTimeout=1)
    run("an empty body", "sqs.send_message", QueueUrl=queue, MessageBody="")
    run("no body", "sqs.send_message", QueueUrl=queue)
    run("a forbidden character", "sqs.send_message", QueueUrl=queue, MessageBody="a\x00b")
    run("too long a body", "sqs.send_message", QueueUrl=queue, MessageBody="x" * (1024 * 1024 + 1))
    run("too long a delay", "sqs.send_message", QueueUrl=queue, MessageBody="x", DelaySeconds=901)
    run("a group in a standard queue", "sqs.send_message", QueueUrl=queue, MessageBody="x", MessageGroupId="g")
    run("a deduplication id in a standard queue", "sqs.send_message", QueueUrl=queue, MessageBody="x", MessageDeduplicationId="d")
    for name, value in (
        ("no type", {"StringValue": "a"}),
        ("an unknown type", {"DataType": "Text", "StringValue": "a"}),
        ("no value", {"DataType": "String"}),
        ("an empty value", {"DataType": "String", "StringValue": ""}),
        ("a word as number", {"DataType": "Number", "StringValue": "many"}),
    ):
        run(f"an attribute with {name}", "sqs.send_message", QueueUrl=queue, MessageBody="x", MessageAttributes={"a": value})
    run("an attribute named AWS.a", "sqs.send_message", QueueUrl=queue, MessageBody="x", MessageAttributes={"AWS.a": attributes["text"]})
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    run("purge", "sqs.purge_queue", QueueUrl=queue)
    run("purge again", "sqs.purge_queue", QueueUrl=queue)
    run("a trace header", "sqs.send_message", QueueUrl=queue, MessageBody="traced", MessageSystemAttributes=trace)
    run("receive the trace header", "sqs.receive_message", QueueUrl=queue, AttributeNames=["AWSTraceHeader"])
    run("receive 11", "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=11)
    run("receive 0", "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=0)
    run("wait 21 s", "sqs.receive_message", QueueUrl=queue, WaitTimeSeconds=21)
    run("an unknown name of a system attribute", "sqs.receive_message", QueueUrl=queue, MessageSystemAttributeNames=["Nothing"])
    run("a queue that does not exist", "sqs.send_message", QueueUrl=f"{queue}-gone", MessageBody="x")


@situation
def batches(run):
    queue = run("create", "sqs.create_queue", QueueName="batches")["QueueUrl"]
    send = lambda step, entries: run(step, "sqs.send_message_batch", QueueUrl=queue, Entries=entries)
    send("send", [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2"}])
    send("a part fails", [{"Id": "a", "MessageBody": "x"}, {"Id": "b", "MessageBody": "x", "DelaySeconds": 901}])
    send("an empty body among others", [{"Id": "a", "MessageBody": ""}, {"Id": "b", "MessageBody": "x"}])
    send("an attribute without type among others", [{"Id": "a", "MessageBody": "x", "MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}}, {"Id": "b", "MessageBody": "x"}])
    send("none", [])
    send("two of one id", [{"Id": "a", "MessageBody": "1"}, {"Id": "a", "MessageBody": "2"}])
    send("an id with a dot", [{"Id": "a.b", "MessageBody": "1"}])
    send("an empty id", [{"Id": "", "MessageBody": "1"}])
    send("an id of 81 characters", [{"Id": "a" * 81, "MessageBody": "1"}])
    send("eleven", [{"Id": str(n), "MessageBody": "1"} for n in range(11)])
    send("too long together", [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)])
    received = run("receive", "sqs.receive_message", QueueUrl=queue, MaxNumberOfMessages=1, VisibilityTimeout=30)["Messages"]
    handle = received[0]["ReceiptHandle"]
    visibility = [{"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 10}, {"Id": "b", "ReceiptHandle": "wrong", "VisibilityTimeout": 10}]
    run("change visibility", "sqs.change_message_visibility_batch", QueueUrl=queue, Entries=visibility)
    delete = [{"Id": "a", "ReceiptHandle": handle}, {"Id": "b", "ReceiptHandle": "wrong"}]
    run("delete", "sqs.delete_message_batch", QueueUrl=queue, Entries=delete)
    run("delete none", "sqs.delete_message_batch", QueueUrl=queue, Entries=[])
    run("delete two of one id", "sqs.delete_message_batch", QueueUrl=queue, Entries=[delete[0], delete[0]])


@situation
def a_fifo_queue(run):
    fifo = {"FifoQueue": "true"}
    queue = run("create", "sqs.create_queue", QueueName="orders.fifo", Attributes=fifo)["QueueUrl"]
    run("attributes", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["All"])
    send = lambda step, body, **members: run(step, "sqs.send_message", QueueUrl=queue, MessageBody=body, **members)
    send("send", "1", MessageGroupId="g", MessageDeduplicationId="1")
    send("send the same again", "1", MessageGroupId="g", MessageDeduplicationId="1")
    send("send a second of the group", "2", MessageGroupId="g", MessageDeduplicationId="2")
    send("send without a group", "3", MessageDeduplicationId="3")
    send("send without deduplication", "3", MessageGroupId="g")
    send("send with a delay", "3", MessageGroupId="g", MessageDeduplicationId="3", DelaySeconds=1)
    send("a group with a space", "3", MessageGroupId="a group", MessageDeduplicationId="3")
    send("too long a deduplication id", "3", MessageGroupId="g", MessageDeduplicationId="d" * 129)
    receive = {"QueueUrl": queue, "AttributeNames": ["All"]}
    first = run("receive the first", "sqs.receive_message", **receive)["Messages"][0]
    run("receive while the group is busy", "sqs.receive_message", **receive)
    run("delete the first", "sqs.delete_message", QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    run("receive the second", "sqs.receive_message", **receive)
    run("turn on deduplication by content", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"ContentBasedDeduplication": "true"})
    send("send by content", "same", MessageGroupId="h")
    send("send by content again", "same", MessageGroupId="h")
    run("receive with an attempt", "sqs.receive_message", **receive, MaxNumberOfMessages=10, ReceiveRequestAttemptId="a")
    batch = [{"Id": "a", "MessageBody": "x", "MessageGroupId": "i"}, {"Id": "b", "MessageBody": "x"}]
    run("a batch with one without a group", "sqs.send_message_batch", QueueUrl=queue, Entries=batch)
    run("high throughput without its scope", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"FifoThroughputLimit": "perMessageGroupId"})
    scope = {"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup"}
    run("high throughput", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=scope)
    run("what was set", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["FifoThroughputLimit", "DeduplicationScope"])
    run("no longer fifo", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"FifoQueue": "false"})
    run("deduplication of a standard queue", "sqs.create_queue", QueueName="nofifo", Attributes={"ContentBasedDeduplication": "true"})


@situation
def a_dead_letter_queue(run):
    dead = run("create the dead-letter queue", "sqs.create_queue", QueueName="dead")["QueueUrl"]
    arn = run("its arn", "sqs.get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = lambda **members: {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1, **members})}
    queue = run("create", "sqs.create_queue", QueueName="alive", Attributes={**policy(), "VisibilityTimeout": "0"})["QueueUrl"]
    run("its policy", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["RedrivePolicy"])
    run("send", "sqs.send_message", QueueUrl=queue, MessageBody="bad")
    run("receive", "sqs.receive_message", QueueUrl=queue)
    run("receive what is dead", "sqs.receive_message", QueueUrl=queue)
    run.until("its letter", lambda answer: answer.get("Messages"), "sqs.receive_message", QueueUrl=dead, AttributeNames=["All"], VisibilityTimeout=0)
    run("sources", "sqs.list_dead_letter_source_queues", QueueUrl=dead)
    run("count as text", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=policy(maxReceiveCount="3"))
    run("how the count reads", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["RedrivePolicy"])
    run("count of 0", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=policy(maxReceiveCount=0))
    run("count of 1001", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=policy(maxReceiveCount=1001))
    run("a queue that does not exist", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=policy(deadLetterTargetArn=f"{arn}-gone"))
    run("a policy without count", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})})
    fifo = {"FifoQueue": "true", **policy()}
    run("a fifo queue with a standard one", "sqs.create_queue", QueueName="alive.fifo", Attributes=fifo)
    run("allow nobody", "sqs.set_queue_attributes", QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})})
    run("set it again", "sqs.set_queue_attributes", QueueUrl=queue, Attributes=policy(maxReceiveCount=2))
    run("an unknown permission", "sqs.set_queue_attributes", QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "some"})})
    run("no more policy", "sqs.set_queue_attributes", QueueUrl=queue, Attributes={"RedrivePolicy": ""})
    run("what is left", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["RedrivePolicy"])


@situation
def moving_messages_back(run):
    dead = run("create the dead-letter queue", "sqs.create_queue", QueueName="move-dead")["QueueUrl"]
    arn = run("its arn", "sqs.get_queue_attributes", QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}), "VisibilityTimeout": "0"}
    run("move from a queue without sources", "sqs.start_message_move_task", SourceArn=arn)
    queue = run("create", "sqs.create_queue", QueueName="move-alive", Attributes=policy)["QueueUrl"]
    run("send", "sqs.send_message", QueueUrl=dead, MessageBody="again")
    run("move", "sqs.start_message_move_task", SourceArn=arn)
    run.messages("what came back", queue, 0)
    finished = lambda answer: any(task.get("Status") == "COMPLETED" for task in answer.get("Results", []))
    run.until("tasks", finished, "sqs.list_message_move_tasks", SourceArn=arn)
    run("move from a queue that does not exist", "sqs.start_message_move_task", SourceArn=f"{arn}-gone")
    run("tasks of a queue that does not exist", "sqs.list_message_move_tasks", SourceArn=f"{arn}-gone")
    run("cancel what does not exist", "sqs.cancel_message_move_task", TaskHandle="wrong")


@situation
def tags_and_permissions(run):
    queue = run("create with tags", "sqs.create_queue", QueueName="tagged", tags={"a": "1"})["QueueUrl"]
    run("create with other tags", "sqs.create_queue", QueueName="tagged", tags={"a": "2"})
    run("tag", "sqs.tag_queue", QueueUrl=queue, Tags={"b": "2"})
    run("tags", "sqs.list_queue_tags", QueueUrl=queue)
    run("untag", "sqs.untag_queue", QueueUrl=queue, TagKeys=["a", "unknown"])
    run("what is left", "sqs.list_queue_tags", QueueUrl=queue)
    run("untag the last", "sqs.untag_queue", QueueUrl=queue, TagKeys=["b"])
    run("no tags", "sqs.list_queue_tags", QueueUrl=queue)
    run("tag with nothing", "sqs.tag_queue", QueueUrl=queue, Tags={})
    run("permit", "sqs.add_permission", QueueUrl=queue, Label="one", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    run("policy", "sqs.get_queue_attributes", QueueUrl=queue, AttributeNames=["Policy"])
    run("permit again", "sqs.add_permission", QueueUrl=queue, Label="one", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    run("permit an unknown action", "sqs.add_permission", QueueUrl=queue, Label="two", AWSAccountIds=["111122223333"], Actions=["Everything"])
    run("permit no action", "sqs.add_permission", QueueUrl=queue, Label="two", AWSAccountIds=["111122223333"], Actions=[])
    run("remove", "sqs.remove_permission", QueueUrl=queue, Label="one")
    run("remove again", "sqs.remove_permission", QueueUrl=queue, Label="one")
