"""Situations of Kinesis."""
import json

from situations._situation import collected

SITUATIONS, situation = collected()


def active(run, name, step):
    return run.until(step, lambda answer: answer["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE", "kinesis.describe_stream_summary", StreamName=name)


@situation
def a_stream(run):
    run("create", "kinesis.create_stream", StreamName="orders", ShardCount=1)
    run("create again", "kinesis.create_stream", StreamName="orders", ShardCount=1)
    arn = active(run, "orders", "summary")["StreamDescriptionSummary"]["StreamARN"]
    run("describe", "kinesis.describe_stream", StreamName="orders")
    run("describe by arn", "kinesis.describe_stream_summary", StreamARN=arn)
    run("shards", "kinesis.list_shards", StreamName="orders")
    run("a name with a space", "kinesis.create_stream", StreamName="a stream", ShardCount=1)
    run("a name of 129 characters", "kinesis.create_stream", StreamName="s" * 129, ShardCount=1)
    run("no shards", "kinesis.create_stream", StreamName="none", ShardCount=0)
    run("provisioned without a count", "kinesis.create_stream", StreamName="uncounted")
    run("an unknown mode", "kinesis.create_stream", StreamName="mode", StreamModeDetails={"StreamMode": "SOMETIMES"})
    run("list", "kinesis.list_streams", ExclusiveStartStreamName="order", Limit=1)
    run("retention", "kinesis.increase_stream_retention_period", StreamName="orders", RetentionPeriodHours=48)
    run("retention that is less", "kinesis.increase_stream_retention_period", StreamName="orders", RetentionPeriodHours=24)
    run("too long a retention", "kinesis.increase_stream_retention_period", StreamName="orders", RetentionPeriodHours=8761)
    run("less retention", "kinesis.decrease_stream_retention_period", StreamName="orders", RetentionPeriodHours=24)
    run("less than a day", "kinesis.decrease_stream_retention_period", StreamName="orders", RetentionPeriodHours=23)
    run("tag", "kinesis.add_tags_to_stream", StreamName="orders", Tags={"a": "1", "b": "2"})
    run("tags", "kinesis.list_tags_for_stream", StreamName="orders")
    run("untag", "kinesis.remove_tags_from_stream", StreamName="orders", TagKeys=["a", "unknown"])
    run("what is left", "kinesis.list_tags_for_stream", StreamName="orders")
    run("tags by arn", "kinesis.list_tags_for_resource", ResourceARN=arn)
    run("encrypt", "kinesis.start_stream_encryption", StreamName="orders", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    run("describe none", "kinesis.describe_stream_summary", StreamName="unknown")
    run("delete none", "kinesis.delete_stream", StreamName="unknown")
    run("neither name nor arn", "kinesis.describe_stream_summary")
    run("mode", "kinesis.update_stream_mode", StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    run("delete", "kinesis.delete_stream", StreamName="orders")


@situation
def on_demand(run):
    run("create", "kinesis.create_stream", StreamName="demand", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    active(run, "demand", "summary")
    run("shards", "kinesis.list_shards", StreamName="demand", MaxResults=1)
    run("count", "kinesis.update_shard_count", StreamName="demand", TargetShardCount=8, ScalingType="UNIFORM_SCALING")
    run("with a count", "kinesis.create_stream", StreamName="both", ShardCount=1, StreamModeDetails={"StreamMode": "ON_DEMAND"})


@situation
def records(run):
    run("create", "kinesis.create_stream", StreamName="records", ShardCount=1)
    active(run, "records", "summary")
    put = run("put", "kinesis.put_record", StreamName="records", Data=b"one", PartitionKey="a")
    run("put several", "kinesis.put_records", StreamName="records", Records=[{"Data": b"two", "PartitionKey": "b"}, {"Data": b"three", "PartitionKey": "c", "ExplicitHashKey": "0"}])
    shard = {"StreamName": "records", "ShardId": "shardId-000000000000"}
    oldest = run("iterator at the oldest", "kinesis.get_shard_iterator", **shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    first = run("get one", "kinesis.get_records", ShardIterator=oldest, Limit=1)
    run("get the next", "kinesis.get_records", ShardIterator=first["NextShardIterator"])
    number = put["SequenceNumber"]
    after = run("iterator after a number", "kinesis.get_shard_iterator", **shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number)
    run("get after it", "kinesis.get_records", ShardIterator=after["ShardIterator"])
    at = run("iterator at a number", "kinesis.get_shard_iterator", **shard, ShardIteratorType="AT_SEQUENCE_NUMBER", StartingSequenceNumber=number)
    run("get at it", "kinesis.get_records", ShardIterator=at["ShardIterator"], Limit=1)
    time = run("iterator at a time", "kinesis.get_shard_iterator", **shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=1)
    run("get at the time", "kinesis.get_records", ShardIterator=time["ShardIterator"])
    latest = run("iterator at the latest", "kinesis.get_shard_iterator", **shard, ShardIteratorType="LATEST")
    run("get the latest", "kinesis.get_records", ShardIterator=latest["ShardIterator"])
    run("an unknown type of iterator", "kinesis.get_shard_iterator", **shard, ShardIteratorType="MIDDLE")
    run("a number that is missing", "kinesis.get_shard_iterator", **shard, ShardIteratorType="AT_SEQUENCE_NUMBER")
    run("a time that is missing", "kinesis.get_shard_iterator", **shard, ShardIteratorType="AT_TIMESTAMP")
    run("an unknown shard", "kinesis.get_shard_iterator", StreamName="records", ShardId="shardId-000000000009", ShardIteratorType="LATEST")
    run("a shard id that is none", "kinesis.get_shard_iterator", StreamName="records", ShardId="a shard", ShardIteratorType="LATEST")
    run("a wrong iterator", "kinesis.get_records", ShardIterator="wrong")
    run("too many", "kinesis.get_records", ShardIterator=oldest, Limit=10001)
    run("an empty key", "kinesis.put_record", StreamName="records", Data=b"x", PartitionKey="")
    run("too long a key", "kinesis.put_record", StreamName="records", Data=b"x", PartitionKey="k" * 257)
    run("a hash key that is none", "kinesis.put_record", StreamName="records", Data=b"x", PartitionKey="a", ExplicitHashKey="word")
    run("too large a hash key", "kinesis.put_record", StreamName="records", Data=b"x", PartitionKey="a", ExplicitHashKey=str(2**128))
    run("empty data", "kinesis.put_record", StreamName="records", Data=b"", PartitionKey="a")
    run("no records", "kinesis.put_records", StreamName="records", Records=[])
    run("501 records", "kinesis.put_records", StreamName="records", Records=[{"Data": b"x", "PartitionKey": "a"}] * 501)
    run("a stream that does not exist", "kinesis.put_record", StreamName="unknown", Data=b"x", PartitionKey="a")
    run("records for a stream that does not exist", "kinesis.put_records", StreamName="unknown", Records=[{"Data": b"x", "PartitionKey": "a"}])


@situation
def shards(run):
    run("create", "kinesis.create_stream", StreamName="sharded", ShardCount=2)
    active(run, "sharded", "summary")
    run("shards", "kinesis.list_shards", StreamName="sharded")
    half = str(2**126)
    run("split", "kinesis.split_shard", StreamName="sharded", ShardToSplit="shardId-000000000000", NewStartingHashKey=half)
    active(run, "sharded", "after the split")
    run("shards after the split", "kinesis.list_shards", StreamName="sharded")
    run("split what is closed", "kinesis.split_shard", StreamName="sharded", ShardToSplit="shardId-000000000000", NewStartingHashKey=half)
    run("merge what is not adjacent", "kinesis.merge_shards", StreamName="sharded", ShardToMerge="shardId-000000000002", AdjacentShardToMerge="shardId-000000000001")
    run("merge", "kinesis.merge_shards", StreamName="sharded", ShardToMerge="shardId-000000000002", AdjacentShardToMerge="shardId-000000000003")
    active(run, "sharded", "after the merge")
    run("shards after the merge", "kinesis.list_shards", StreamName="sharded")
    run("open shards", "kinesis.list_shards", StreamName="sharded", ShardFilter={"Type": "AT_LATEST"})
    run("shards after one", "kinesis.list_shards", StreamName="sharded", ExclusiveStartShardId="shardId-000000000001")
    run("too many at once", "kinesis.update_shard_count", StreamName="sharded", TargetShardCount=100, ScalingType="UNIFORM_SCALING")
    run("split an unknown shard", "kinesis.split_shard", StreamName="sharded", ShardToSplit="shardId-000000000099", NewStartingHashKey=half)


@situation
def consumers(run):
    run("create", "kinesis.create_stream", StreamName="consumed", ShardCount=1)
    arn = active(run, "consumed", "summary")["StreamDescriptionSummary"]["StreamARN"]
    run("register", "kinesis.register_stream_consumer", StreamARN=arn, ConsumerName="reader")
    run("register again", "kinesis.register_stream_consumer", StreamARN=arn, ConsumerName="reader")
    is_active = lambda answer: answer["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE"
    run.until("describe", is_active, "kinesis.describe_stream_consumer", StreamARN=arn, ConsumerName="reader")
    run("list", "kinesis.list_stream_consumers", StreamARN=arn)
    run("describe none", "kinesis.describe_stream_consumer", StreamARN=arn, ConsumerName="unknown")
    run("register with a space", "kinesis.register_stream_consumer", StreamARN=arn, ConsumerName="a reader")
    run("register for an unknown stream", "kinesis.register_stream_consumer", StreamARN=f"{arn}-gone", ConsumerName="reader")
    run("delete the stream with a consumer", "kinesis.delete_stream", StreamName="consumed")
    run("deregister", "kinesis.deregister_stream_consumer", StreamARN=arn, ConsumerName="reader")
    run("deregister none", "kinesis.deregister_stream_consumer", StreamARN=arn, ConsumerName="unknown")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": ["kinesis:GetRecords"], "Resource": arn}]})
    run("no policy", "kinesis.get_resource_policy", ResourceARN=arn)
    run("put a policy", "kinesis.put_resource_policy", ResourceARN=arn, Policy=policy)
    run("the policy", "kinesis.get_resource_policy", ResourceARN=arn)
    run("delete the policy", "kinesis.delete_resource_policy", ResourceARN=arn)
