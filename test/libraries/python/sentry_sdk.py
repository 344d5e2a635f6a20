# requires: sentry-sdk==2.75.0
# answers: ["ZeroDivisionError", "aws_lambda"]
import sentry_sdk
from sentry_sdk.integrations.aws_lambda import AwsLambdaIntegration
from sentry_sdk.transport import Transport

seen = []


class Kept(Transport):
    def capture_envelope(self, envelope):
        seen.append(envelope.get_event())


sentry_sdk.init(dsn="http://key@127.0.0.1:1/1", transport=Kept, integrations=[AwsLambdaIntegration()])


def handler(event, context):
    try:
        1 / 0
    except ZeroDivisionError as error:
        sentry_sdk.capture_exception(error)
    found = [one for one in seen if one and "exception" in one]
    return [found[-1]["exception"]["values"][0]["type"], AwsLambdaIntegration.identifier]
