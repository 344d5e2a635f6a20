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
    lint = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), "--regions", "us-east-1", "--", str(tmp_path / "template.json")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert lint.returncode == 0, lint.stdout
