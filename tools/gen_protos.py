"""Generate src/proxx/api from protos/: messages, typed stubs and package markers. Pinned generator, no network."""

import shutil
import sys
from importlib import resources
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
OUTPUT = ROOT / "src"
MARKER = '"""Generated from protos/ by tools/gen_protos.py. Do not edit."""\n'


def main() -> int:
    """Write src/proxx/api anew. Returns protoc's exit code."""
    api = OUTPUT / "proxx" / "api"
    if api.exists():
        shutil.rmtree(api)
    files = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "proxx").rglob("*.proto"))
    well_known = resources.files("grpc_tools") / "_proto"
    code = int(
        protoc.main(
            [
                "protoc",
                f"--proto_path={PROTOS}",
                f"--proto_path={well_known}",
                f"--python_out={OUTPUT}",
                f"--grpc_python_out={OUTPUT}",
                f"--mypy_out={OUTPUT}",
                f"--mypy_grpc_out={OUTPUT}",
                *files,
            ]
        )
    )
    if code == 0:
        for directory in (api, *(path for path in sorted(api.rglob("*")) if path.is_dir())):
            (directory / "__init__.py").write_text(MARKER, encoding="utf-8")
        for stub in api.rglob("*_pb2_grpc.pyi"):
            if "add_" not in stub.read_text(encoding="utf-8"):
                stub.unlink()  # a file without services gets an empty stub
    return code


if __name__ == "__main__":
    sys.exit(main())
