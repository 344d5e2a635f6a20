"""fx's local AWS against emulators that are not ours, call by call.

Each file of `situations/` runs on fx, moto and MiniStack. Where an answer of theirs is another than fx's, the data file beside it says who is
right, and by which page of AWS. A difference that is not listed fails, and so does one that is listed and gone.
"""
import importlib
from collections import Counter
from pathlib import Path

import pytest
import yaml

from differential import differences, run_everywhere

FOLDER = Path(__file__).parent / "situations"
SERVICES = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
EMULATORS = ("moto", "ministack")
RIGHTS = ("fx", "emulator", "undetermined")


class Listed:
    """The differences that the data file of a service lists."""

    def __init__(self, service):
        file = FOLDER / f"{service}.yml"
        content = yaml.safe_load(file.read_text()) if file.exists() else {}
        self.missing = {(emulator, operation) for emulator, names in (content.get("notImplemented") or {}).items() for operation in names}
        self.lines = {}
        for reason in content.get("differences") or []:
            assert reason["right"] in RIGHTS, reason
            assert reason["because"] and (reason["right"] == "undetermined" or reason["source"]), reason
            # `both` stands for both emulators
            lines = [line for listed in reason["at"] for line in ([f"{name} {listed[5:]}" for name in EMULATORS] if listed.startswith("both ") else [listed])]
            for line in lines:
                assert line not in self.lines, f"listed twice: {line}"
                self.lines[line] = reason["right"]
        self.used = set()

    def right(self, line):
        if line in self.lines:
            self.used.add(line)
        return self.lines.get(line)

    def lacks(self, emulator, operation):
        if (emulator, operation) in self.missing:
            self.used.add((emulator, operation))
            return True
        return False

    def gone(self):
        return [*(line for line in self.lines if line not in self.used), *(f"{row[0]} | {row[1]}: not implemented" for row in sorted(self.missing - self.used))]


def judged(service, found, listed):
    """What is not listed, and how many steps agree or differ."""
    ours, unlisted, count = found["fx"], [], Counter()
    for emulator in (name for name in found if name != "fx"):
        for situation, steps in ours.items():
            theirs = {name: outcome for name, _, outcome in found[emulator][situation]}
            reached = {name for name, _, _ in steps}
            for extra in theirs:
                if extra not in reached:
                    unlisted.append(f"{emulator} | {situation} | {extra} | fx does not reach this step")
            for step, operation, outcome in steps:
                operation = operation.split(".")[-1]
                if step not in theirs:
                    count["not reached"] += 1
                    continue
                if outcome.get("error") == "NotImplemented" and listed.lacks("fx", operation):
                    count["not implemented by fx"] += 1
                    continue
                if "error" in theirs[step] and listed.lacks(emulator, operation):
                    count["not implemented"] += 1
                    continue
                rights = set()
                for difference in differences(outcome, theirs[step]):
                    line = f"{emulator} | {situation} | {step} | {difference}"
                    right = listed.right(line)
                    if right is None:
                        message = outcome.get("message") or theirs[step].get("message")
                        unlisted.append(line if message is None or "error:" not in line else f"{line}    # {message[:150]}")
                    rights.add(right)
                # a step counts as the worst of its differences
                count[next((right for right in (None, "emulator", "undetermined", "fx") if right in rights), "agreed")] += 1
    return unlisted, count


@pytest.mark.parametrize("service", SERVICES)
def test_differences_are_known(service, emulators, tally):
    situations = importlib.import_module(f"situations.{service}").SITUATIONS
    listed = Listed(service)
    unlisted, count = judged(service, run_everywhere(emulators, situations), listed)
    tally[service] = count
    gone = listed.gone()
    assert not unlisted, "\n".join(["differences that are not listed:", *unlisted, *(["listed and gone:", *gone] if gone else [])])
    assert not gone, "\n".join(["listed and gone:", *gone])
