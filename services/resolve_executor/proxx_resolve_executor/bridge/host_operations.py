"""Operations of the child on the application itself. Each is one call of the API, or a few that belong together."""

import importlib
import platform
import sys
from typing import cast

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.api import ScriptModule
from proxx_resolve_executor.bridge.recorder import SCRIPT_ERRORS, OperationError
from proxx_resolve_executor.bridge.session import Session
from proxx_resolve_executor.bridge.values import outcome, plain, text_or_none, texts
from proxx_resolve_executor.bridge.wire import Fault

MODULE = "DaVinciResolveScript"


def load(session: Session, *, modules: str) -> object:
    """Import the scripting module from its directory; answer with this Python's version."""
    sys.path.insert(0, modules)
    try:
        module = importlib.import_module(MODULE)
    except (ImportError, SyntaxError, *SCRIPT_ERRORS) as error:
        sentence = f"{type(error).__name__}: {quote(text=str(error))}"
        raise OperationError(Fault.MODULE, f"{MODULE} cannot be imported: {sentence}") from error
    session.module = cast(ScriptModule, module)
    return platform.python_version()


def attach(session: Session) -> object:
    """Ask for the running application; answer whether it let itself be reached."""
    module = session.module
    if module is None:
        raise OperationError(Fault.ABSENT, "the scripting module is not loaded")
    session.application = session.recorder.call(f"{MODULE}.scriptapp", module.scriptapp, "Resolve")
    return session.application is not None


def identify(session: Session) -> object:
    """Answer with product, version, and whether it says Studio of itself (None where it cannot say)."""
    resolve = session.resolve()
    product = session.recorder.call("Resolve.GetProductName", resolve.GetProductName)
    version = session.recorder.call("Resolve.GetVersionString", resolve.GetVersionString)
    studio = None
    if "IsStudio" in dir(resolve):  # hasattr is true for every name
        studio = outcome(session.recorder.call("Resolve.IsStudio", resolve.IsStudio))
    return {"product": text_or_none(product), "version": text_or_none(version), "studio": studio}


def readiness(session: Session) -> object:
    """Answer with the database, the projects of its root folder and the open one: what shows that it can work."""
    manager = session.manager()
    database = session.recorder.call("ProjectManager.GetCurrentDatabase", manager.GetCurrentDatabase)
    if database is None:
        return {"database": None, "projects": None, "open": None}
    session.recorder.call("ProjectManager.GotoRootFolder", manager.GotoRootFolder)
    found = session.recorder.call("ProjectManager.GetProjectListInCurrentFolder", manager.GetProjectListInCurrentFolder)
    project = session.recorder.call("ProjectManager.GetCurrentProject", manager.GetCurrentProject)
    name = None if project is None else session.recorder.call("Project.GetName", project.GetName)
    return {
        "database": plain(database),
        "projects": None if found is None else texts(found),
        "open": text_or_none(name),
    }


def quiet(session: Session) -> object:
    """Switch off background work where this version can; answer whether it could."""
    resolve = session.resolve()
    if "DisableBackgroundTasksForCurrentResolveSession" not in dir(resolve):
        return False
    session.recorder.call(
        "Resolve.DisableBackgroundTasksForCurrentResolveSession",
        resolve.DisableBackgroundTasksForCurrentResolveSession,
    )
    return True


def leave(session: Session) -> object:
    """Quit the application."""
    resolve = session.resolve()
    session.recorder.call("Resolve.Quit", resolve.Quit)
    return True
