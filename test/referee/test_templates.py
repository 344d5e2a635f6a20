"""cfn-lint, which knows CloudFormation's schemas on its own, on every template that the examples and tests make."""
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FX, ROOT

PROJECTS = sorted(file.parent for folder in ("examples", "test/golden", "test/referee") for file in (ROOT / folder).glob("**/project.yml"))


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_cfn_lint_finds_no_error(folder, tmp_path):
    subprocess.run([*FX, "build", "-C", str(folder), "--output", str(tmp_path)], check=True, capture_output=True, timeout=120)
    lint = subprocess.run(
        [str(Path(sys.executable).parent / "cfn-lint"), "--regions", "us-east-1", "--", str(tmp_path / "template.json")],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert lint.returncode == 0, lint.stdout
