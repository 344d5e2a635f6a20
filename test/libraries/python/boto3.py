# requires: boto3==1.44.8
# answers: ["https://b.s3.amazonaws.com/k", "dynamodb"]
import boto3


def handler(event, context):
    session = boto3.Session("AKIDEXAMPLE", "secret", region_name="eu-west-1")
    url = session.client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    return [url.split("?")[0], session.resource("dynamodb").meta.service_name]
