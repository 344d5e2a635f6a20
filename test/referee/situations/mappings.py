"""Situations of Lambda's event source mappings."""
from situations._situation import collected, function_of, queue_of
from situations.dynamodb import table_of

SITUATIONS, situation = collected()

create = lambda run, step, **members: run(step, "lambda.create_event_source_mapping", **members)


def settled(run, uuid, step):
    return run.until(step, lambda answer: answer.get("State") in ("Enabled", "Disabled"), "lambda.get_event_source_mapping", UUID=uuid)


@situation
def of_a_queue(run):
    _, queue = queue_of(run, "mapped")
    _, fifo = queue_of(run, "mapped.fifo", fifo=True)
    function_of(run, "mapped")
    base = {"FunctionName": "mapped", "EventSourceArn": queue}
    uuid = create(run, "create", **base, BatchSize=5)["UUID"]
    settled(run, uuid, "get")
    create(run, "create again", **base)
    other = {"FunctionName": "mapped", "EventSourceArn": fifo}
    create(run, "an unknown function", **{**other, "FunctionName": "unknown"})
    create(run, "an unknown queue", **{**other, "EventSourceArn": f"{queue}-gone"})
    create(run, "no source", FunctionName="mapped")
    create(run, "a batch of 11 without a window", **base | {"FunctionName": "mapped"}, BatchSize=11)
    create(run, "a batch of 10001", **other, BatchSize=10001)
    create(run, "a batch of 0", **other, BatchSize=0)
    create(run, "a window of a fifo queue", **other, MaximumBatchingWindowInSeconds=1)
    create(run, "a window of 301 s", **other, MaximumBatchingWindowInSeconds=301)
    create(run, "a position of a queue", **other, StartingPosition="LATEST")
    create(run, "an unknown report", **other, FunctionResponseTypes=["ReportAll"])
    create(run, "a concurrency of 1", **other, ScalingConfig={"MaximumConcurrency": 1})
    create(run, "a filter that is no JSON", **other, FilterCriteria={"Filters": [{"Pattern": "{"}]})
    create(run, "a filter of text", **other, FilterCriteria={"Filters": [{"Pattern": '{"body": "a"}'}]})
    create(run, "bisect of a queue", **other, BisectBatchOnFunctionError=True)
    full = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": {"MaximumConcurrency": 2}, "FilterCriteria": {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}}
    second = create(run, "create with everything", **other, Enabled=False, **full)["UUID"]
    settled(run, second, "get with everything")
    run("list by function", "lambda.list_event_source_mappings", FunctionName="mapped", EventSourceArn=queue)
    run("list by an unknown function", "lambda.list_event_source_mappings", FunctionName="unknown")
    update = lambda step, **members: run(step, "lambda.update_event_source_mapping", **{"UUID": uuid, **members})
    update("update", BatchSize=3, Enabled=False)
    settled(run, uuid, "get what was updated")
    update("update to 11 without a window", BatchSize=11)
    update("update none", UUID="00000000-0000-0000-0000-000000000000", BatchSize=1)
    run("get none", "lambda.get_event_source_mapping", UUID="00000000-0000-0000-0000-000000000000")
    run("delete", "lambda.delete_event_source_mapping", UUID=second)
    run("delete none", "lambda.delete_event_source_mapping", UUID="00000000-0000-0000-0000-000000000000")


@situation
def of_a_kinesis_stream(run):
    kinesis = run.connect("kinesis")
    kinesis.create_stream(StreamName="mapped", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="mapped", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    stream = kinesis.describe_stream_summary(StreamName="mapped")["StreamDescriptionSummary"]["StreamARN"]
    function_of(run, "mapped-stream")
    of_stream(run, {"FunctionName": "mapped-stream", "EventSourceArn": stream}, at_timestamp=True)


@situation
def of_a_stream_of_a_table(run):
    table_of(run, "mapped", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream = run.connect("dynamodb").describe_table(TableName="mapped")["Table"]["LatestStreamArn"]
    function_of(run, "mapped-table")
    of_stream(run, {"FunctionName": "mapped-table", "EventSourceArn": stream}, at_timestamp=False)


def of_stream(run, base, at_timestamp):
    _, failed = queue_of(run, base["FunctionName"])
    create(run, "without a position", **base)
    create(run, "an unknown position", **base, StartingPosition="MIDDLE")
    if at_timestamp:
        create(run, "a position without its time", **base, StartingPosition="AT_TIMESTAMP")
    for step, members in (
        ("too many retries", {"MaximumRetryAttempts": 10001}),
        ("too young a record", {"MaximumRecordAgeInSeconds": 59}),
        ("a parallelization of 11", {"ParallelizationFactor": 11}),
        ("a window of 901 s", {"TumblingWindowInSeconds": 901}),
        ("a batch of 10001", {"BatchSize": 10001}),
        ("a concurrency of a stream", {"ScalingConfig": {"MaximumConcurrency": 2}}),
        ("a destination that is none", {"DestinationConfig": {"OnFailure": {"Destination": "queue"}}}),
    ):
        create(run, step, **base, StartingPosition="LATEST", **members)
    uuid = create(run, "create", **base, StartingPosition="TRIM_HORIZON", Enabled=False)["UUID"]
    settled(run, uuid, "get")
    settings = {"MaximumRetryAttempts": 2, "MaximumRecordAgeInSeconds": 60, "BisectBatchOnFunctionError": True, "ParallelizationFactor": 2, "DestinationConfig": {"OnFailure": {"Destination": failed}}}
    run("update", "lambda.update_event_source_mapping", UUID=uuid, **settings)
    settled(run, uuid, "get what was updated")
    create(run, "create again", **base, StartingPosition="LATEST")
    run("delete", "lambda.delete_event_source_mapping", UUID=uuid)
