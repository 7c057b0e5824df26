"""Whether a directory can take proxies: it is there, files can really be made in it, and none is ever replaced."""

from proxx.core.roots import RootPath
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.mounts import MountError, MountTable
from proxx.runtime.no_replace import NoReplaceUnsupportedError, probe_no_replace
from proxx.runtime.where import Where, make_directories

FIELD = "output_directory"


def check_output_directory(*, mounts: MountTable, directory: RootPath, create: bool) -> tuple[Violation, ...]:
    """Return what is wrong with an output directory, nothing when it is fit. Blocks; makes and removes files in it.

    Permission bits are not believed (they say nothing to root, nor on a read-only or full disk): files are made.
    """
    try:
        mounts.local(directory)
        local = mounts.rooted(directory)
    except MountError as error:
        return (_violation(ViolationCode.OUTPUT_DIRECTORY_UNSAFE, f"output directory refused: {error}"),)
    if create:
        try:
            make_directories(local, mode=0o775)
        except OSError as error:
            return (_unwritable(local, error),)
    if not local.is_dir():
        found = "something that is not a directory" if local.exists() else "nothing"
        return (
            _violation(
                ViolationCode.OUTPUT_DIRECTORY_MISSING,
                f"output directory {local} does not exist"
                if found == "nothing"
                else f"output directory {local} is not a directory",
                expected="an existing directory",
                actual=found,
            ),
        )
    try:
        probe_no_replace(directory=local)
    except NoReplaceUnsupportedError as error:
        return (
            _violation(
                ViolationCode.OUTPUT_DIRECTORY_UNSAFE,
                f"output directory {local} cannot be published into safely: {error.strerror}",
                expected="a file system that can rename without replacing, or hard-link",
            ),
        )
    except OSError as error:
        return (_unwritable(local, error),)
    return ()


def _unwritable(local: Where, error: OSError) -> Violation:
    return _violation(
        ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE,
        f"output directory {local} is not writable: {error.strerror or error}",
        expected="a directory in which files can be made",
        actual=str(error.strerror or error),
    )


def _violation(code: ViolationCode, message: str, *, expected: str = "", actual: str = "") -> Violation:
    return Violation(code=code, field=FIELD, message=message, expected=expected, actual=actual)
