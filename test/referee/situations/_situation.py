"""What the files of situations share."""
import io
import json
import zipfile


def collected():
    """A list, and the decorator that adds a situation to it."""
    situations = []

    def situation(function):
        situations.append(function)
        return function

    return situations, situation


def policy_for(service, queue_arn, source_arn=None):
    """A queue's policy that lets a service send to it."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": queue_arn}
    if source_arn is not None:
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source_arn}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def queue_of(run, name, service=None, fifo=False):
    """A new queue that a service may send to: its URL and ARN. Made without steps, since the situations of SQS compare that."""
    sqs = run.connect("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    if service is not None:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy_for(service, arn)})
    return url, arn


def role_of(run, name, service, statements=None):
    """A new role that a service may assume: its ARN. Made without steps."""
    iam = run.connect("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(allowed))
    return arn


def zipped(text="exports.handler = async () => ({});"):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.js", text)
    return content.getvalue()


def function_of(run, name):
    """A new function that is active: its ARN. Made without steps."""
    functions = run.connect("lambda")
    created = functions.create_function(
        FunctionName=name,
        Runtime="nodejs22.x",
        Role=role_of(run, f"{name}-role", "lambda.amazonaws.com"),
        Handler="index.handler",
        Code={"ZipFile": zipped()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    return created["FunctionArn"]
