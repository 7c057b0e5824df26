"""Compare every call that the simulator offers with typed stubs of the scripting API that others publish.

    python -m venv /tmp/stubs
    /tmp/stubs/bin/pip download --no-deps --dest /tmp/stubs fusionscript-stubs==21.0.0   # and unzip it there
    python -m tests.resolve_simulator.stub_check /tmp/stubs/fusionscript-stubs/fusionscript.pyi

Prints one line for each call that the stubs do not have, or whose forms the simulator does not all take; exit code 1
where there is one that `EXPECTED` does not name.
"""

import ast
import inspect
import sys
from pathlib import Path

from tests.resolve_simulator.app.api import ApiObject
from tests.resolve_simulator.app.clip import MediaPoolItem
from tests.resolve_simulator.app.folder import Folder
from tests.resolve_simulator.app.media_pool import MediaPool
from tests.resolve_simulator.app.media_storage import MediaStorage
from tests.resolve_simulator.app.project import Project
from tests.resolve_simulator.app.project_manager import ProjectManager
from tests.resolve_simulator.app.resolve import Resolve
from tests.resolve_simulator.app.timeline import Timeline
from tests.resolve_simulator.app.timeline_item import TimelineItem

CLASSES: tuple[type[ApiObject], ...] = (
    Folder,
    MediaPool,
    MediaPoolItem,
    MediaStorage,
    Project,
    ProjectManager,
    Resolve,
    Timeline,
    TimelineItem,
)
# Newer than those stubs (reference, section 10).
EXPECTED = {
    "MediaPoolItem.SetAudioMapping: not in the stubs",
    "Resolve.GetCurrentProject: not in the stubs",
    "Resolve.IsStudio: not in the stubs",
}
MANY = 99


def _forms(node: ast.FunctionDef) -> tuple[int, int]:
    """Fewest and most arguments of one declared form, without self; Optional ones may be left out."""
    required = node.args.args[1:]
    optional = len(node.args.defaults) + sum("Optional" in ast.dump(each) for each in required)
    return len(required) - min(optional, len(required)), MANY if node.args.vararg else len(required)


def stub_calls(text: str) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Return {class: {call: forms}} of the text of the stubs."""
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    calls: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for each in classes:
        for node in each.body:
            if isinstance(node, ast.FunctionDef):
                calls.setdefault(each.name, {}).setdefault(node.name, []).append(_forms(node))
    return calls


def _own(owner: type[ApiObject], attribute: str) -> tuple[int, int]:
    parameters = list(inspect.signature(getattr(owner, attribute)).parameters.values())[1:]
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return sum(each.kind is each.POSITIONAL_OR_KEYWORD for each in parameters), MANY
    return sum(each.default is each.empty for each in parameters), len(parameters)


def differences(stubs: dict[str, dict[str, list[tuple[int, int]]]]) -> list[str]:
    """Return a sentence for each call that differs."""
    found = []
    for owner in CLASSES:
        for name, (attribute, _) in sorted(owner.CALLS.items()):
            forms = stubs.get(owner.__name__, {}).get(name)
            fewest, most = _own(owner, attribute)
            if forms is None:
                found.append(f"{owner.__name__}.{name}: not in the stubs")
            elif not all(fewest <= low and high <= most for low, high in forms):
                found.append(f"{owner.__name__}.{name}: the stubs say {forms}, here {(fewest, most)}")
    return found


def main(arguments: list[str]) -> int:
    """Print the differences from the stubs in the file that the one argument names."""
    found = differences(stub_calls(Path(arguments[0]).read_text(encoding="utf-8")))
    count = sum(len(owner.CALLS) for owner in CLASSES)
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.stdout.write(f"{count} calls compared, {len(found)} differ, {len(EXPECTED)} are expected to\n")
    return 1 if set(found) - EXPECTED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
