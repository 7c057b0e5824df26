"""A stand-in for DaVinciResolveScript.py: like it, finds the native library and puts that in its own place."""

import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType


def _load(path: str) -> ModuleType | None:
    if not Path(path).is_file():
        return None
    loader = SourceFileLoader("fusionscript", path)
    spec = importlib.util.spec_from_loader("fusionscript", loader)
    if spec is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fusionscript"] = module
    loader.exec_module(module)
    return module


def _find() -> ModuleType:
    default = Path(__file__).resolve().parents[3] / "libs" / "Fusion" / "fusionscript.so"
    for path in (os.getenv("RESOLVE_SCRIPT_LIB"), str(default)):
        module = _load(path) if path else None
        if module is not None:
            return module
    raise ImportError("Could not locate module dependencies")


sys.modules[__name__] = _find()
