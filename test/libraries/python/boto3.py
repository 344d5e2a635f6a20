# requires: boto3==1.44.8
# answers: ["/b/k", "dynamodb"]
from urllib.parse import urlparse

import boto3
from botocore.config import Config


def handler(event, context):
    session = boto3.Session("AKIDEXAMPLE", "secret", region_name="eu-west-1")
    url = session.client("s3", config=Config(s3={"addressing_style": "path"})).generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    return [urlparse(url).path, session.resource("dynamodb").meta.service_name]
