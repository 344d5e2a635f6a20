"""The project on the local AWS of this machine, by the command fx."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent


def fx(*words):
    """Runs fx and returns its result."""
    program = shutil.which("fx")
    assert program, "install fx: npm install --global fx-serverless"
    run = subprocess.run([program, *words, "--json"], cwd=PROJECT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout.splitlines()[-1])["value"]


@pytest.fixture(scope="session")
def outputs():
    """The outputs of the stack, deployed once for all tests."""
    is_mine = not fx("local", "status")["running"]
    yield fx("deploy", "--env", "local")["outputs"]
    if is_mine:
        fx("local", "stop")
