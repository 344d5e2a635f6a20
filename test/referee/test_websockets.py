"""Python's websockets and boto3 on a WebSocket API of the local AWS: a handshake, messages both ways, and what happens to a connection."""
import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import Project
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

PROJECT = """
name: sockets
functions:
  room:
    handler: room.handler
    events:
      - websocket: $connect
      - websocket: {route: who, respond: true}
"""
HANDLER = """
export const handler = async ({ queryStringParameters, requestContext: { connectionId, routeKey } }) =>
  ({ statusCode: routeKey === '$connect' && queryStringParameters?.name === undefined ? 403 : 200, body: connectionId });
"""


@pytest.fixture
def url(tmp_path):
    (tmp_path / "project.yml").write_text(PROJECT)
    (tmp_path / "room.mjs").write_text(HANDLER)
    project = Project(tmp_path, {})
    try:
        yield project.result("deploy")["outputs"]["WebSocketApiUrl"]
    finally:
        project.fx("local", "stop", succeeds=False)


def test_websockets_and_boto3_share_a_connection(url):
    with pytest.raises(InvalidStatus) as refused:
        connect(url)
    assert refused.value.response.status_code == 403
    management = boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=url.replace("ws://", "http://"),
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with connect(f"{url}?name=ann") as socket:
        # fragments make one message
        socket.send(iter(['{"action":', ' "who"}']))
        connection = socket.recv(timeout=20)
        management.post_to_connection(ConnectionId=connection, Data="news λ".encode())
        assert socket.recv(timeout=20) == "news λ"
        assert management.get_connection(ConnectionId=connection)["Identity"]["SourceIp"] == "127.0.0.1"
        management.delete_connection(ConnectionId=connection)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=20)
        assert closed.value.rcvd.code == 1000
    with pytest.raises(ClientError) as gone:
        management.post_to_connection(ConnectionId=connection, Data=b"x")
    assert gone.value.response["Error"]["Code"] == "GoneException"


def test_a_frame_of_more_than_32_kb_ends_the_connection(url):
    with connect(f"{url}?name=ann") as socket:
        # https://repost.aws/questions/QUpz6uWU0SSnunjzPrbmLtRg/api-gateway-websockets-size-limit-feedback
        socket.send('{"action": "who", "text": "' + "x" * 32_768 + '"}')
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=20)
        assert closed.value.rcvd.code == 1009
