"""fx against an emulator that is not ours: a first deploy, invoke, HTTP, queue, logs, remove.

Its updates and rollbacks are known to be wrong, so they are not judged here (docs/architecture.md, "Referees").
"""
import json
import urllib.request
from urllib.parse import urlsplit

from conftest import Project, client, eventually


def test_first_deploy_works_on_an_independent_emulator(project_folder, ministack):
    project = Project(project_folder, {"AWS_ENDPOINT_URL": ministack})
    deployed = project.result("deploy", "--env", "staging")
    assert deployed["release"] == 1

    answer = project.result("invoke", "api", "--env", "staging", "--data", '{"pathParameters": {"name": "fx"}}')
    assert answer["payload"] == {"message": "hello fx", "version": "1"}

    url = urlsplit(deployed["outputs"]["HttpApiUrl"])
    request = urllib.request.Request(f"{ministack}/hello/world", headers={"Host": url.netloc})
    assert json.load(urllib.request.urlopen(request, timeout=30))["message"] == "hello world"

    client(ministack, "sqs").send_message(QueueUrl=deployed["outputs"]["QueueUrl"], MessageBody="a job")
    # this emulator writes no log for queue deliveries: its report on the batch, and the empty queue, are the evidence
    mapping = lambda: client(ministack, "lambda").list_event_source_mappings()["EventSourceMappings"][0]
    eventually(lambda: mapping()["LastProcessingResult"] == "OK - 1 records")
    assert mapping()["FunctionArn"].endswith("function:referee-staging-worker:live")
    queue = {"QueueUrl": deployed["outputs"]["QueueUrl"], "AttributeNames": ["All"]}
    left = lambda: client(ministack, "sqs").get_queue_attributes(**queue)["Attributes"]
    eventually(lambda: left()["ApproximateNumberOfMessages"] == left()["ApproximateNumberOfMessagesNotVisible"] == "0")
    assert "saying hello" in project.fx("logs", "api", "--env", "staging").stdout

    project.fx("remove", "--env", "staging", "--yes")
    stacks = client(ministack, "cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])
    assert "referee-staging" not in [stack["StackName"] for stack in stacks["StackSummaries"]]


def test_the_account_pin_stops_before_any_other_call(project_folder, ministack):
    file = project_folder / "project.yml"
    file.write_text(file.read_text().replace("staging: {}", 'staging: {account: "111122223333"}'))
    run = Project(project_folder, {"AWS_ENDPOINT_URL": ministack}).fx("deploy", "--env", "staging", succeeds=False)
    assert run.returncode == 3
    assert "belongs to 111122223333" in run.stderr
    assert client(ministack, "cloudformation").list_stacks()["StackSummaries"] == []
