"""cfn-lint, which knows CloudFormation's schemas on its own, on every template that the examples and tests make."""
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FX, ROOT

PROJECTS = sorted(file.parent for folder in ("examples", "test/golden", "test/referee") for file in (ROOT / folder).glob("**/project.yml"))


def buildable(folder, tmp_path):
    """The folder; for a project of a workspace, that of a copy, deployed: others have the outputs that it looks up."""
    root = next((above for above in folder.parents if (above / "fx.workspace.yml").exists()), None)
    if root is None:
        return folder
    copy = Path(shutil.copytree(root, tmp_path / "workspace"))
    subprocess.run([*FX, "deploy", "-C", str(copy)], check=True, capture_output=True, timeout=120)
    return copy / folder.relative_to(root)


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_cfn_lint_finds_no_error(folder, tmp_path):
    project = buildable(folder, tmp_path)
    try:
        subprocess.run([*FX, "build", "-C", str(project), "--output", str(tmp_path)], check=True, capture_output=True, timeout=120)
    finally:
        if project != folder:
            subprocess.run([*FX, "local", "stop", "-C", str(project)], check=True, capture_output=True, timeout=60)
    check(tmp_path / "template.json")


@pytest.mark.parametrize("environment", ["prod", "pr-12"])
def test_cfn_lint_finds_no_error_in_what_the_local_aws_does_not_have(environment, tmp_path):
    """The network and the database of the reference architecture are in no template for the local AWS."""
    subprocess.run([*FX, "init", "app", "--template", "reference-architecture"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    (tmp_path / "app" / "node_modules").symlink_to(ROOT / "node_modules")
    build = [*FX, "build", "-C", str(tmp_path / "app"), "--env", environment, "--output", str(tmp_path / "built")]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    check(tmp_path / "built" / "template.json")


def check(template):
    lint = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), "--regions", "us-east-1", "--", str(template)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert lint.returncode == 0, lint.stdout
