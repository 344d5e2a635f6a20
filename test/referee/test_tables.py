"""The tables that fx carries of AWS's runtimes and regions, against those of cfn-lint and botocore."""
import json
import subprocess
from importlib import resources
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def exported(file: str, name: str):
    """A constant of a TypeScript file of fx, read by building that file alone."""
    script = f"""
import {{ build }} from 'esbuild';
const {{ outputFiles: [{{ text }}] }} = await build({{ entryPoints: ['{file}'], bundle: true, format: 'esm', platform: 'node', write: false }});
const module = await import('data:text/javascript,' + encodeURIComponent(text));
console.log(JSON.stringify(module['{name}']));
"""
    run = subprocess.run(["node", "--input-type=module", "--eval", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_runtimes_end_on_the_days_that_cfn_lint_knows():
    known = json.loads(resources.files("cfnlint.data.AdditionalSpecs").joinpath("LmbdRuntimeLifecycle.json").read_text())
    ours = exported("src/runtimes/lifecycle.ts", "lifecycles")
    # a runtime without such days exists only for container images
    theirs = {
        name: {
            "deprecated": days["deprecated"],
            "noCreate": days["create-block"],
            "noUpdate": days["update-block"],
            **({"successor": days["successor"]} if days["successor"] else {}),
        }
        for name, days in known.items()
        if days["create-block"]
    }
    # newer than cfn-lint's table, with the dates that AWS has published
    newer = {
        "nodejs26.x": {"isPreview": True},
        "python3.15": {"isPreview": True},
        **{name: {"deprecated": "2029-06-30", "isPreview": False} for name in ("java8.al2023", "java11.al2023", "java17.al2023")},
    }
    assert {name: days for name, days in ours.items() if name not in theirs} == newer
    assert {name: days for name, days in ours.items() if name in theirs} == {
        name: {**days, "isPreview": False} for name, days in theirs.items()
    }


def test_regions_are_those_of_botocore_and_cfn_lint():
    endpoints = json.loads(resources.files("botocore.data").joinpath("endpoints.json").read_text())
    theirs = {region for partition in endpoints["partitions"] for region in partition["regions"]}
    linted = {
        entry.name.removesuffix(".json")
        for entry in resources.files("cfnlint.data.schemas").joinpath("providers").iterdir()
        if entry.name.endswith(".json") and entry.name != "sam.json"
    }
    ours = set(exported("src/cfn/regions.ts", "regions"))
    assert ours >= theirs
    assert ours >= linted
    assert ours <= theirs | linted
