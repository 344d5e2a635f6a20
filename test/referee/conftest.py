"""What the referees share: the built fx, a project of its own for each test, and servers that end with it."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
FX = ["node", str(ROOT / "dist" / "bin.js")]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def eventually(check, seconds=60):
    """The first truthy answer; queues and logs are asynchronous on every side."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"nothing came within {seconds} s")
        time.sleep(0.2)


class Project:
    """A copy of the project, and fx in it."""

    def __init__(self, folder, variables):
        self.folder = folder
        self.variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **CREDENTIALS, **variables}

    def fx(self, *words, succeeds=True):
        run = subprocess.run([*FX, *words], cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=120)
        assert not succeeds or run.returncode == 0, run.stderr + run.stdout
        return run

    def result(self, *words):
        return json.loads(self.fx(*words, "--json").stdout.strip().split("\n")[-1])["value"]


@pytest.fixture
def project_folder(tmp_path):
    return shutil.copytree(Path(__file__).parent / "project", tmp_path / "project")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def ministack(tmp_path):
    """A fresh server of an AWS emulator that is not ours."""
    port = free_port()
    log = open(tmp_path / "ministack.log", "w")
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", str(port), "--timeout-keep-alive", "3600"],
        env={**os.environ, "GATEWAY_PORT": str(port), "TMPDIR": str(tmp_path), "S3_DATA_DIR": str(tmp_path / "s3")},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    endpoint = f"http://127.0.0.1:{port}"

    def answers():
        assert server.poll() is None, (tmp_path / "ministack.log").read_text()
        try:
            return urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=2).status == 200
        except OSError:
            return False

    try:
        eventually(answers)
        yield endpoint
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
        log.close()


@pytest.fixture
def local(project_folder):
    """fx's own local AWS, with the project deployed to it."""
    project = Project(project_folder, {})
    try:
        project.fx("deploy")
        project.endpoint = project.result("local", "status")["endpoint"]
        yield project
    finally:
        project.fx("local", "stop", succeeds=False)


def client(endpoint, service):
    return boto3.client(
        service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
