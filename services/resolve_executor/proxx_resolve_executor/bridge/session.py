"""What the child holds of Resolve between operations. None of it ever leaves the child."""

from typing import TypeVar

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.api import (
    MediaPool,
    MediaPoolItem,
    NewerResolve,
    Project,
    ProjectManager,
    ScriptModule,
    Timeline,
)
from proxx_resolve_executor.bridge.recorder import OperationError, Recorder
from proxx_resolve_executor.bridge.values import shown
from proxx_resolve_executor.bridge.wire import Fault

T = TypeVar("T")


class Session:
    """The scripting module, the application, and the one project, clip and timeline that are worked on."""

    def __init__(self, recorder: Recorder) -> None:
        """Take what records each call."""
        self.recorder = recorder
        self.module: ScriptModule | None = None
        self.application: NewerResolve | None = None
        self.clip: MediaPoolItem | None = None
        self.timeline: Timeline | None = None
        self.working: str | None = None

    def resolve(self) -> NewerResolve:
        """Return the application.

        Raises:
            OperationError: it was not reached yet.
        """
        return present(self.application, "Resolve is not reached")

    def manager(self) -> ProjectManager:
        """Return the projects.

        Raises:
            OperationError: Resolve gives none.
        """
        resolve = self.resolve()
        manager = self.recorder.call("Resolve.GetProjectManager", resolve.GetProjectManager)
        return present(manager, "Resolve has no project manager")

    def project(self) -> Project:
        """Return the open project: the one that was made or opened here, where one was.

        Raises:
            OperationError: none is open, or somebody has opened another: nothing is done to that one.
        """
        project = self.any_project()
        if self.working is not None:
            # None is no other project: an object of a Resolve that has gone since it was fetched answers nothing else
            name = present(
                self.recorder.call("Project.GetName", project.GetName),
                "Resolve is gone, or about to be: the open project gives no name",
            )
            if name != self.working:
                raise OperationError(
                    Fault.ABSENT,
                    f"somebody has opened {shown(name)}, and {quote(text=self.working)} is not open any more",
                )
        return project

    def any_project(self) -> Project:
        """Return the open project, whosever it is.

        Raises:
            OperationError: none is open.
        """
        manager = self.manager()
        project = self.recorder.call("ProjectManager.GetCurrentProject", manager.GetCurrentProject)
        return present(project, "no project is open")

    def forget_media(self) -> None:
        """Let go of clip and timeline."""
        self.clip = None
        self.timeline = None

    def pool(self) -> MediaPool:
        """Return the media pool of the open project.

        Raises:
            OperationError: there is none.
        """
        project = self.project()
        return present(
            self.recorder.call("Project.GetMediaPool", project.GetMediaPool), "the project has no media pool"
        )

    def forget_project(self) -> None:
        """Let go of project, clip and timeline: another project is, or will be, open."""
        self.working = None
        self.clip = None
        self.timeline = None


def present(value: T | None, sentence: str) -> T:
    """Return what is there. False in the place of an object is what a Resolve without its licence gives.

    Raises:
        OperationError: nothing is.
    """
    if value is False:
        raise OperationError(Fault.ABSENT, f"{sentence}: it answers False, as behind a dialog or without a licence")
    if value is None:
        raise OperationError(Fault.ABSENT, sentence)
    return value
