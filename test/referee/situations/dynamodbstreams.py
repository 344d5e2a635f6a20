"""Situations of the streams of DynamoDB's tables."""
from situations._situation import collected
from situations.dynamodb import NUMBER, TEXT, table_of

SITUATIONS, situation = collected()


def stream_of(run, view):
    name = f"streamed-{view.lower().replace('_', '-')}"
    table_of(run, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    return name, run.connect("dynamodb").describe_table(TableName=name)["Table"]["LatestStreamArn"]


def changed(view):
    def records(run):
        table, stream = stream_of(run, view)
        key = {"id": TEXT("a"), "at": NUMBER(1)}
        run("put", "dynamodb.put_item", TableName=table, Item={**key, "n": NUMBER(1)})
        run("update", "dynamodb.update_item", TableName=table, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": NUMBER(2)})
        run("update with the same", "dynamodb.update_item", TableName=table, Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": NUMBER(2)})
        run("delete", "dynamodb.delete_item", TableName=table, Key=key)
        run("delete again", "dynamodb.delete_item", TableName=table, Key=key)
        shard = run.connect("dynamodbstreams").describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = run("iterator", "dynamodbstreams.get_shard_iterator", StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        run("records", "dynamodbstreams.get_records", ShardIterator=iterator)

    records.__name__ = f"records_with_{view.lower()}"
    situation(records)


for each in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
    changed(each)


@situation
def a_stream_and_its_iterators(run):
    name = "streaming"
    table_of(run, name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    stream = run("table", "dynamodb.describe_table", TableName=name)["Table"]["LatestStreamArn"]
    description = run("describe", "dynamodbstreams.describe_stream", StreamArn=stream)["StreamDescription"]
    shard = {"StreamArn": stream, "ShardId": description["Shards"][0]["ShardId"]}
    run("list", "dynamodbstreams.list_streams", TableName=name)
    run("list of an unknown table", "dynamodbstreams.list_streams", TableName="unknown")
    run("describe none", "dynamodbstreams.describe_stream", StreamArn=f"{stream}1")
    run("describe no arn", "dynamodbstreams.describe_stream", StreamArn="stream")
    iterator = run("iterator at the latest", "dynamodbstreams.get_shard_iterator", **shard, ShardIteratorType="LATEST")
    run("put", "dynamodb.put_item", TableName=name, Item={"id": TEXT("a"), "at": NUMBER(1)})
    records = run("records", "dynamodbstreams.get_records", ShardIterator=iterator["ShardIterator"])
    run("next records", "dynamodbstreams.get_records", ShardIterator=records["NextShardIterator"])
    number = records["Records"][0]["dynamodb"]["SequenceNumber"] if records["Records"] else "0"
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        at = run(f"iterator {kind}", "dynamodbstreams.get_shard_iterator", **shard, ShardIteratorType=kind, SequenceNumber=number)
        run(f"records {kind}", "dynamodbstreams.get_records", ShardIterator=at["ShardIterator"])
    run("iterator without a number", "dynamodbstreams.get_shard_iterator", **shard, ShardIteratorType="AT_SEQUENCE_NUMBER")
    run("an unknown type of iterator", "dynamodbstreams.get_shard_iterator", **shard, ShardIteratorType="AT_TIMESTAMP")
    run("an unknown shard", "dynamodbstreams.get_shard_iterator", StreamArn=stream, ShardId="shardId-00000000000000000000-00000000", ShardIteratorType="LATEST")
    run("a wrong iterator", "dynamodbstreams.get_records", ShardIterator="wrong")
    run("too many", "dynamodbstreams.get_records", ShardIterator=iterator["ShardIterator"], Limit=1001)
    run("disable", "dynamodb.update_table", TableName=name, StreamSpecification={"StreamEnabled": False})
    run("describe what is disabled", "dynamodbstreams.describe_stream", StreamArn=stream)
    run("disable again", "dynamodb.update_table", TableName=name, StreamSpecification={"StreamEnabled": False})
    run("enable", "dynamodb.update_table", TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    run("enable again", "dynamodb.update_table", TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
