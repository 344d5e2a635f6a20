"""AWS's own command line and boto3 against fx's local AWS: what they read must be what was deployed."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from conftest import CREDENTIALS, client, eventually

AWS = str(Path(sys.executable).parent / "aws")


def aws(project, *words, succeeds=True):
    run = subprocess.run(
        [AWS, "--endpoint-url", project.endpoint, *words],
        env={"PATH": os.environ["PATH"], "HOME": str(project.folder), "AWS_PAGER": "", **CREDENTIALS},
        cwd=project.folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not succeeds or run.returncode == 0, run.stderr
    return run


def test_the_aws_command_reads_what_fx_deployed(local):
    stack = json.loads(aws(local, "cloudformation", "describe-stacks", "--stack-name", "referee-local").stdout)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    resources = json.loads(aws(local, "cloudformation", "list-stack-resources", "--stack-name", "referee-local").stdout)
    types = [resource["ResourceType"] for resource in resources["StackResourceSummaries"]]
    assert types.count("AWS::Lambda::Alias") == 2

    out = local.folder / "out.json"
    called = aws(
        local, "lambda", "invoke", "--function-name", "referee-local-api", "--qualifier", "live",
        "--payload", '{"pathParameters": {"name": "cli"}}', str(out),
    )
    assert json.loads(called.stdout)["ExecutedVersion"] == "1"
    assert json.loads(out.read_text()) == {"message": "hello cli", "version": "1"}

    lines = aws(local, "logs", "filter-log-events", "--log-group-name", "/fx/referee/local/api").stdout
    assert "saying hello" in lines and "REPORT RequestId" in lines

    sent = json.loads(aws(local, "sqs", "send-message", "--queue-url", outputs["QueueUrl"], "--message-body", "from the cli").stdout)
    assert sent["MessageId"]
    eventually(lambda: "worked on from the cli" in local.fx("logs", "worker").stdout)


def test_the_aws_command_copies_files_to_and_from_s3(local):
    bucket = "s3://referee-files"
    aws(local, "s3", "mb", bucket)
    small, large = local.folder / "small.txt", local.folder / "large.bin"
    small.write_text("small")
    large.write_bytes(os.urandom(20 * 1024 * 1024))
    for file in (small, large):
        aws(local, "s3", "cp", str(file), f"{bucket}/folder/{file.name}")
    listed = aws(local, "s3", "ls", f"{bucket}/folder/").stdout
    assert "small.txt" in listed and str(large.stat().st_size) in listed
    aws(local, "s3", "cp", f"{bucket}/folder/large.bin", "back.bin")
    assert (local.folder / "back.bin").read_bytes() == large.read_bytes()
    aws(local, "s3", "rb", bucket, succeeds=False)
    aws(local, "s3", "rm", "--recursive", bucket)
    aws(local, "s3", "rb", bucket)


def test_boto3_meets_the_errors_it_knows(local):
    cloudformation, functions, queues, logs, s3, iam = (
        client(local.endpoint, name) for name in ("cloudformation", "lambda", "sqs", "logs", "s3", "iam")
    )
    with pytest.raises(ClientError, match="Stack with id absent does not exist") as missing:
        cloudformation.describe_stacks(StackName="absent")
    assert missing.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName="absent")
    with pytest.raises(queues.exceptions.QueueDoesNotExist):
        queues.get_queue_url(QueueName="absent")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.filter_log_events(logGroupName="absent")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=cloudformation.describe_stacks(StackName="fx-bootstrap")["Stacks"][0]["Outputs"][0]["OutputValue"], Key="absent")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="absent")


def test_boto3_updates_a_stack_through_a_change_set(local):
    cloudformation = client(local.endpoint, "cloudformation")
    template = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}}}
    cloudformation.create_stack(StackName="by-boto", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="by-boto", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    template["Resources"]["Queue"]["Properties"]["DelaySeconds"] = 2
    cloudformation.create_change_set(StackName="by-boto", ChangeSetName="two", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName="by-boto", ChangeSetName="two", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    change = cloudformation.describe_change_set(StackName="by-boto", ChangeSetName="two")["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["Replacement"], change["Scope"]) == ("Modify", "False", ["Properties"])
    cloudformation.execute_change_set(StackName="by-boto", ChangeSetName="two")
    cloudformation.get_waiter("stack_update_complete").wait(StackName="by-boto", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    queue = client(local.endpoint, "sqs").list_queues(QueueNamePrefix="by-boto")["QueueUrls"][0]
    attributes = client(local.endpoint, "sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"]["DelaySeconds"] == "2"
    cloudformation.delete_stack(StackName="by-boto")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="by-boto", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
