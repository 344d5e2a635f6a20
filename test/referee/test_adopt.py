"""A stack that AWS SAM's own translator has made, taken over by fx."""
import json
import urllib.request

import boto3
from conftest import CREDENTIALS, Project
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Level: {Type: String, Default: info}
Globals:
  Function: {Runtime: nodejs22.x, Timeout: 5}
Resources:
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.hello
      CodeUri: .
      AutoPublishAlias: prod
      Environment: {Variables: {LEVEL: !Ref Level}}
      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Orders}}]
      Events:
        Get: {Type: Api, Properties: {Path: /hello, Method: get}}
        Http: {Type: HttpApi, Properties: {Path: /hi, Method: get}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.worker
      CodeUri: .
      Events:
        Queue: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, BatchSize: 5}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(5 minutes)}}
        Topic: {Type: SNS, Properties: {Topic: !Ref News}}
        Stream: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn, StartingPosition: LATEST}}
  Jobs: {Type: AWS::SQS::Queue}
  News: {Type: AWS::SNS::Topic}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
Outputs:
  Http: {Value: !GetAtt ServerlessHttpApi.ApiEndpoint}
  Url: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/hello"}
"""
CONFIGURATION = """version = 0.1
[default.deploy.parameters]
stack_name = "orders-sam"
region = "us-east-1"
parameter_overrides = "Level=\\"debug\\""
"""
CODE = "exports.hello = async () => ({statusCode: 200, body: '%s ' + process.env.LEVEL}); exports.worker = async () => {};\n"


class NoPolicies:
    """The template names none of AWS's managed policies."""

    def load(self):
        return {}


def transformed(monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    template = yaml_parse(TEMPLATE)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            del resource["Properties"]["CodeUri"]
            resource["Properties"]["InlineCode"] = CODE % "theirs"
    return transform(template, {"Level": "debug"}, NoPolicies())


def test_a_stack_of_sam_goes_on(tmp_path, monkeypatch):
    folder = tmp_path / "orders"
    folder.mkdir()
    for file, text in {"template.yaml": TEMPLATE, "samconfig.toml": CONFIGURATION, "index.js": CODE % "first"}.items():
        (folder / file).write_text(text)
    host = tmp_path / "host"
    host.mkdir()
    (host / "project.yml").write_text("name: host\nfunctions: {}\n")
    local = Project(host, {})
    endpoint = local.result("local", "start")["endpoint"]
    try:
        cloudformation = boto3.client(
            "cloudformation", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        cloudformation.create_stack(
            StackName="orders-sam",
            TemplateBody=json.dumps(transformed(monkeypatch)),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": "Level", "ParameterValue": "debug"}],
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName="orders-sam", WaiterConfig={"Delay": 1})

        def resources():
            listed = cloudformation.describe_stack_resources(StackName="orders-sam")["StackResources"]
            return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}

        before = resources()
        outputs = cloudformation.describe_stacks(StackName="orders-sam")["Stacks"][0]["Outputs"]
        urls = {each["OutputKey"]: each["OutputValue"] for each in outputs}

        def answers():
            return {urllib.request.urlopen(url).read().decode() for url in (urls["Url"], urls["Http"] + "/hi")}

        assert answers() == {"theirs debug"}
        orders = Project(folder, {"AWS_ENDPOINT_URL": endpoint})
        adoption = orders.result("import", "--adopt")["adoptions"][0]
        assert adoption["replaced"] == []
        assert {change["logicalId"] for change in adoption["changes"] if change["action"] == "Remove"} == {
            "HelloFunctionAliasprod",
            "HelloFunctionGetPermissionProd",
            "HelloFunctionHttpPermission",
            "HelloFunctionRole",
            *(id for id in before if id.startswith(("HelloFunctionVersion", "ServerlessRestApiDeployment"))),
            "WorkerTickPermission",
            "WorkerTopic",
            "WorkerTopicPermission",
        }
        assert "Release 1 is live." in orders.fx("deploy", "--env", "dev").stdout
        assert answers() == {"first debug"}
        after = resources()
        stays = ["HelloFunction", "Worker", "WorkerQueue", "WorkerTick", "WorkerStream", "Jobs", "News", "Orders"]
        stays += ["ServerlessRestApi", "ServerlessHttpApi"]
        assert {id: after[id] for id in stays} == {id: before[id] for id in stays}
        assert "Nothing to change." in orders.fx("plan", "--env", "dev").stdout
    finally:
        local.fx("local", "stop", succeeds=False)
