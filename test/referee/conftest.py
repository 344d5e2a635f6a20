"""What the referees share: the built fx, a project of its own for each test, and servers that end with it."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
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


@contextmanager
def serving(name, folder, command, variables, path):
    """A server in a process of its own, at its address, which answers under the path once it is ready."""
    port = free_port()
    log = open(folder / f"{name}.log", "w")
    server = subprocess.Popen(
        [sys.executable, "-m", *command(str(port))],
        env={**os.environ, "TMPDIR": str(folder), **variables(str(port))},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    endpoint = f"http://127.0.0.1:{port}"

    def answers():
        assert server.poll() is None, (folder / f"{name}.log").read_text()
        try:
            return urllib.request.urlopen(f"{endpoint}{path}", timeout=2).status == 200
        except OSError:
            return False

    try:
        eventually(answers)
        yield endpoint
    finally:
        # it has nothing to save, and uvicorn would wait for the connections that stay open
        if server.poll() is None:
            os.killpg(server.pid, 9)
            server.wait(20)
        log.close()


def serving_ministack(folder):
    return serving(
        "ministack",
        folder,
        lambda port: ["uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", port, "--timeout-keep-alive", "3600"],
        lambda port: {"GATEWAY_PORT": port, "S3_DATA_DIR": str(folder / "s3")},
        "/_localstack/health",
    )


def serving_moto(folder):
    return serving("moto", folder, lambda port: ["moto.server", "-H", "127.0.0.1", "-p", port], lambda port: {}, "/moto-api/")


@pytest.fixture
def ministack(tmp_path):
    """A fresh server of an AWS emulator that is not ours."""
    with serving_ministack(tmp_path) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def emulators(tmp_path_factory):
    """fx's local AWS without a project, and the emulators that it is compared with: one of each for the session."""
    folder = tmp_path_factory.mktemp("emulators")
    project = Project(shutil.copytree(Path(__file__).parent / "project", folder / "project"), {})
    try:
        fx = project.result("local", "start")["endpoint"]
        with serving_moto(folder) as moto, serving_ministack(folder) as ministack:
            yield {"fx": fx, "moto": moto, "ministack": ministack}
    finally:
        project.fx("local", "stop", succeeds=False)


TALLY = {}


@pytest.fixture(scope="session")
def tally():
    """How many steps of each service agree, or differ."""
    return TALLY


def pytest_terminal_summary(terminalreporter):
    if not TALLY:
        return
    total = sum(TALLY.values(), Counter())
    parts = [
        f"{total['agreed']} agreed",
        f"{total['fx']} differ and fx is right",
        f"{total['emulator']} differ and the emulator is right",
        f"{total['undetermined']} undetermined",
        f"{total['not implemented']} not implemented there",
        f"{total['not implemented by fx']} not implemented by fx",
        f"{total['not reached']} not reached there",
    ]
    terminalreporter.write_line(f"steps on other emulators, of {len(TALLY)} services: {', '.join(parts)}")


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
