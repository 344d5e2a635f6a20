# requires: aws-xray-sdk==2.15.0
# answers: ["work", true]
from aws_xray_sdk.core import patch
from aws_xray_sdk.core.models.segment import Segment

patch(["sqlite3"])


def handler(event, context):
    segment = Segment("work")
    segment.close()
    return [segment.name, segment.to_dict()["trace_id"].startswith("1-")]
