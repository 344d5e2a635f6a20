"""Situations of S3."""
import json

from situations._situation import collected, function_of, policy_for, queue_of

SITUATIONS, situation = collected()


@situation
def buckets(run):
    run("create", "s3.create_bucket", Bucket="basics")
    run("create again", "s3.create_bucket", Bucket="basics")
    run("head", "s3.head_bucket", Bucket="basics")
    run("head none", "s3.head_bucket", Bucket="unknown")
    run("location", "s3.get_bucket_location", Bucket="basics")
    for name in ("ab", "Upper-case", "under_score", "two..dots", "192.168.0.1", "xn--name", "name-s3alias", "b" * 64):
        run(f"create {name}", "s3.create_bucket", Bucket=name)
    run("create elsewhere", "s3.create_bucket", Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    run("create in its own region by name", "s3.create_bucket", Bucket="explicit", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    run("no versioning", "s3.get_bucket_versioning", Bucket="basics")
    run("versioning", "s3.put_bucket_versioning", Bucket="basics", VersioningConfiguration={"Status": "Enabled"})
    run("versioning that is on", "s3.get_bucket_versioning", Bucket="basics")
    run("an unknown versioning", "s3.put_bucket_versioning", Bucket="basics", VersioningConfiguration={"Status": "Off"})
    for name in ("cors", "policy", "tagging", "lifecycle_configuration", "website", "encryption", "public_access_block", "ownership_controls", "notification_configuration"):
        operation = f"get_{name}" if name == "public_access_block" else f"get_bucket_{name}"
        run(f"no {name}", f"s3.{operation}", Bucket="basics")
    run("tags", "s3.put_bucket_tagging", Bucket="basics", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    run("the tags", "s3.get_bucket_tagging", Bucket="basics")
    run("a tag twice", "s3.put_bucket_tagging", Bucket="basics", Tagging={"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]})
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]
    run("cors", "s3.put_bucket_cors", Bucket="basics", CORSConfiguration={"CORSRules": rules})
    run("the cors", "s3.get_bucket_cors", Bucket="basics")
    run("cors with an unknown method", "s3.put_bucket_cors", Bucket="basics", CORSConfiguration={"CORSRules": [{**rules[0], "AllowedMethods": ["SEND"]}]})
    run("a policy that is no JSON", "s3.put_bucket_policy", Bucket="basics", Policy="{")
    run("put an object", "s3.put_object", Bucket="basics", Key="a", Body=b"1")
    run("delete with an object", "s3.delete_bucket", Bucket="basics")
    run("delete", "s3.delete_bucket", Bucket="explicit")
    run("delete none", "s3.delete_bucket", Bucket="unknown")
    run("objects of none", "s3.list_objects_v2", Bucket="unknown")


@situation
def objects(run):
    run("create", "s3.create_bucket", Bucket="objects")
    put = lambda step, **members: run(step, "s3.put_object", **{"Bucket": "objects", "Key": "a/one.txt", "Body": b"hello", **members})
    get = lambda step, **members: run(step, "s3.get_object", **{"Bucket": "objects", "Key": "a/one.txt", **members})
    etag = put("put", ContentType="text/plain", Metadata={"Color": "red"}, CacheControl="max-age=1")["ETag"]
    get("get")
    run("head", "s3.head_object", Bucket="objects", Key="a/one.txt")
    get("get a range", Range="bytes=1-2")
    get("get the last bytes", Range="bytes=-2")
    get("get a range outside", Range="bytes=10-20")
    get("get a range that is none", Range="letters=1-2")
    get("get if it matches", IfMatch=etag)
    get("get if it matches another", IfMatch='"other"')
    get("get if it does not match", IfNoneMatch=etag)
    get("get none", Key="none")
    run("head none", "s3.head_object", Bucket="objects", Key="none")
    get("get from no bucket", Bucket="unknown")
    get("get an unknown version", VersionId="unknown")
    put("put if it is new", IfNoneMatch="*")
    put("put if it matches", IfMatch=etag, Body=b"hello")
    put("put if it matches another", IfMatch='"other"')
    put("put if it matches none", Key="none", IfMatch=etag)
    put("a wrong digest", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==")
    put("a key of 1025 bytes", Key="k" * 1025)
    put("with tags", Key="tagged", Tagging="a=1&b=2")
    run("tags", "s3.get_object_tagging", Bucket="objects", Key="tagged")
    put("an unknown storage", StorageClass="CHEAP")
    run("copy", "s3.copy_object", Bucket="objects", Key="copy", CopySource="objects/a/one.txt")
    get("get the copy", Key="copy")
    run("copy onto itself", "s3.copy_object", Bucket="objects", Key="copy", CopySource="objects/copy")
    run("copy none", "s3.copy_object", Bucket="objects", Key="copy", CopySource="objects/none")
    run("copy with other metadata", "s3.copy_object", Bucket="objects", Key="copy", CopySource="objects/a/one.txt", MetadataDirective="REPLACE", Metadata={"b": "2"})
    run("head the copy", "s3.head_object", Bucket="objects", Key="copy")
    put("another", Key="a/two.txt")
    put("a third", Key="b/three.txt")
    listed = lambda step, **members: run(step, "s3.list_objects_v2", Bucket="objects", **members)
    listed("list")
    listed("list a folder", Prefix="a/")
    listed("list folders", Delimiter="/")
    page = listed("list a page", MaxKeys=2)
    listed("list the next", MaxKeys=2, ContinuationToken=page["NextContinuationToken"])
    listed("list after", StartAfter="a/two.txt")
    listed("list none", MaxKeys=0)
    listed("list with a wrong token", ContinuationToken="wrong")
    run("list by the older call", "s3.list_objects", Bucket="objects", Delimiter="/", MaxKeys=1)
    run("delete", "s3.delete_object", Bucket="objects", Key="copy")
    run("delete again", "s3.delete_object", Bucket="objects", Key="copy")
    run("delete several", "s3.delete_objects", Bucket="objects", Delete={"Objects": [{"Key": "a/one.txt"}, {"Key": "none"}]})
    run("delete several quietly", "s3.delete_objects", Bucket="objects", Delete={"Objects": [{"Key": "a/two.txt"}], "Quiet": True})
    run("delete no objects", "s3.delete_objects", Bucket="objects", Delete={"Objects": []})
    run("attributes", "s3.get_object_attributes", Bucket="objects", Key="tagged", ObjectAttributes=["ETag", "ObjectSize", "StorageClass"])


@situation
def versions(run):
    run("create", "s3.create_bucket", Bucket="versions")
    run("versioning", "s3.put_bucket_versioning", Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    first = run("put", "s3.put_object", Bucket="versions", Key="a", Body=b"1")["VersionId"]
    run("put again", "s3.put_object", Bucket="versions", Key="a", Body=b"22")
    run("get the first", "s3.get_object", Bucket="versions", Key="a", VersionId=first)
    marker = run("delete", "s3.delete_object", Bucket="versions", Key="a")
    run("get what is deleted", "s3.get_object", Bucket="versions", Key="a")
    run("head what is deleted", "s3.head_object", Bucket="versions", Key="a")
    run("get the marker", "s3.get_object", Bucket="versions", Key="a", VersionId=marker["VersionId"])
    run("list versions", "s3.list_object_versions", Bucket="versions")
    run("delete the marker", "s3.delete_object", Bucket="versions", Key="a", VersionId=marker["VersionId"])
    run("get again", "s3.get_object", Bucket="versions", Key="a")
    run("delete the first", "s3.delete_object", Bucket="versions", Key="a", VersionId=first)
    run("get the first again", "s3.get_object", Bucket="versions", Key="a", VersionId=first)
    run("suspend", "s3.put_bucket_versioning", Bucket="versions", VersioningConfiguration={"Status": "Suspended"})
    run("put without versions", "s3.put_object", Bucket="versions", Key="a", Body=b"333")
    run("list what is left", "s3.list_object_versions", Bucket="versions")


@situation
def uploads_in_parts(run):
    run("create", "s3.create_bucket", Bucket="parts")
    at = {"Bucket": "parts", "Key": "large"}
    upload = run("start", "s3.create_multipart_upload", **at, ContentType="text/plain")["UploadId"]
    part = run("a part", "s3.upload_part", **at, UploadId=upload, PartNumber=1, Body=b"x" * 10)["ETag"]
    second = run("another part", "s3.upload_part", **at, UploadId=upload, PartNumber=2, Body=b"y" * 10)["ETag"]
    run("part 0", "s3.upload_part", **at, UploadId=upload, PartNumber=0, Body=b"x")
    run("a part of none", "s3.upload_part", **at, UploadId="unknown", PartNumber=1, Body=b"x")
    run("parts", "s3.list_parts", **at, UploadId=upload)
    run("uploads", "s3.list_multipart_uploads", Bucket="parts")
    complete = lambda step, *parts, **members: run(
        step, "s3.complete_multipart_upload", **{**at, "UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]}, **members}
    )
    complete("in the wrong order", (2, second), (1, part))
    complete("with a wrong etag", (1, '"wrong"'))
    complete("with a part that is too small", (1, part), (2, second))
    complete("with no parts")
    complete("complete", (1, part))
    run("head", "s3.head_object", **at)
    run("abort what is complete", "s3.abort_multipart_upload", **at, UploadId=upload)
    other = run("start another", "s3.create_multipart_upload", **at)["UploadId"]
    run("abort", "s3.abort_multipart_upload", **at, UploadId=other)
    run("no uploads", "s3.list_multipart_uploads", Bucket="parts")


@situation
def notifications(run):
    run("create", "s3.create_bucket", Bucket="notifying")
    url, queue = queue_of(run, "notified", "s3.amazonaws.com")
    _, closed = queue_of(run, "closed")
    function = function_of(run, "notified")
    put = lambda step, **configuration: run(step, "s3.put_bucket_notification_configuration", Bucket="notifying", NotificationConfiguration=configuration)
    to_queue = lambda **members: {"QueueConfigurations": [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"], **members}]}
    put("to a queue that forbids it", **to_queue(QueueArn=closed))
    put("to a queue that does not exist", **to_queue(QueueArn=f"{queue}-gone"))
    put("to a function without permission", LambdaFunctionConfigurations=[{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}])
    put("an unknown event", **to_queue(Events=["s3:ObjectRead"]))
    put("an unknown filter", **to_queue(Filter={"Key": {"FilterRules": [{"Name": "infix", "Value": "a"}]}}))
    put("one prefix twice", **to_queue(Filter={"Key": {"FilterRules": [{"Name": "prefix", "Value": "a"}, {"Name": "prefix", "Value": "b"}]}}))
    overlapping = [{"QueueArn": queue, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}} for prefix in ("a", "ab")]
    put("overlapping prefixes", QueueConfigurations=overlapping)
    rules = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".txt"}]}}
    put("put", **to_queue(Id="texts", Filter=rules))
    run("get", "s3.get_bucket_notification_configuration", Bucket="notifying")
    run.messages("the test event", url, 1)
    run("put what is not told", "s3.put_object", Bucket="notifying", Key="out/a.txt", Body=b"1")
    run("put what is told", "s3.put_object", Bucket="notifying", Key="in/a b+c.txt", Body=b"12")
    run.messages("the event", url, 1)
    put("put for deletions", **to_queue(Id="deletions", Events=["s3:ObjectRemoved:*"]))
    run.messages("the second test event", url, 1)
    run("delete", "s3.delete_object", Bucket="notifying", Key="in/a b+c.txt")
    run.messages("the event of the deletion", url, 1)
    put("none")
    run("get none", "s3.get_bucket_notification_configuration", Bucket="notifying")
    put("to EventBridge", EventBridgeConfiguration={})
    run("get EventBridge", "s3.get_bucket_notification_configuration", Bucket="notifying")
    events_url, events_queue = queue_of(run, "notified-by-events", "events.amazonaws.com")
    pattern = json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": ["notifying"]}}})
    run("a rule", "events.put_rule", Name="of-s3", EventPattern=pattern)
    run("a target", "events.put_targets", Rule="of-s3", Targets=[{"Id": "queue", "Arn": events_queue}])
    run("put an object", "s3.put_object", Bucket="notifying", Key="b.txt", Body=b"123")
    run.messages("what EventBridge tells", events_url, 1)
