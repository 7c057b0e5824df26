"""Operations of the child on projects."""

from proxx_resolve_executor.bridge.api import ProjectManager
from proxx_resolve_executor.bridge.session import Session
from proxx_resolve_executor.bridge.values import outcome, text_fields, text_or_none, texts, value_text


def projects(session: Session) -> object:
    """Answer with the names of the projects in the present folder."""
    manager = session.manager()
    return texts(
        session.recorder.call("ProjectManager.GetProjectListInCurrentFolder", manager.GetProjectListInCurrentFolder)
    )


def open_project(session: Session) -> object:
    """Answer with the name of the open project, None where none is open."""
    manager = session.manager()
    return _open_name(session, manager)


def load_project(session: Session, *, name: str) -> object:
    """Open a project; answer with the name of the one that is open then."""
    session.forget_project()
    manager = session.manager()
    session.recorder.call("ProjectManager.LoadProject", manager.LoadProject, name)
    return _now_open(session, manager, name)


def create_project(session: Session, *, name: str) -> object:
    """Make and open a project; answer with the name of the one that is open then."""
    session.forget_project()
    manager = session.manager()
    session.recorder.call("ProjectManager.CreateProject", manager.CreateProject, name)
    return _now_open(session, manager, name)


def name_project(session: Session, *, name: str) -> object:
    """Name the open project; answer with what it is called then."""
    project = session.any_project()
    session.recorder.call("Project.SetName", project.SetName, name)
    return text_or_none(session.recorder.call("Project.GetName", project.GetName))


def save_project(session: Session, *, name: str) -> object:
    """Save the open project if it has that name (saving another may never return); answer with the outcome."""
    manager = session.manager()
    if _open_name(session, manager) != name:
        return False
    return outcome(session.recorder.call("ProjectManager.SaveProject", manager.SaveProject))


def close_project(session: Session, *, name: str) -> object:
    """Close the open project if it has that name, and discard it; answer with the outcome."""
    session.forget_project()
    manager = session.manager()
    project = session.recorder.call("ProjectManager.GetCurrentProject", manager.GetCurrentProject)
    if project is None or session.recorder.call("Project.GetName", project.GetName) != name:
        return False
    return outcome(session.recorder.call("ProjectManager.CloseProject", manager.CloseProject, project))


def delete_project(session: Session, *, name: str) -> object:
    """Delete a project; answer with the outcome."""
    manager = session.manager()
    return outcome(session.recorder.call("ProjectManager.DeleteProject", manager.DeleteProject, name))


def set_setting(session: Session, *, key: str, value: str) -> object:
    """Set a setting of the open project; answer with what it reads as afterwards."""
    project = session.project()
    session.recorder.call("Project.SetSetting", project.SetSetting, key, value)
    return value_text(session.recorder.call("Project.GetSetting", project.GetSetting, key))


def all_settings(session: Session) -> object:
    """Answer with every setting of the open project."""
    project = session.project()
    return text_fields(session.recorder.call("Project.GetSetting", project.GetSetting))


def timeline_count(session: Session) -> object:
    """Answer with how many timelines the open project has."""
    project = session.any_project()
    return session.recorder.call("Project.GetTimelineCount", project.GetTimelineCount)


def _now_open(session: Session, manager: ProjectManager, name: str) -> str | None:
    """The name of the open project; if it is the one that was asked for, the work that follows is done in it alone."""
    found = _open_name(session, manager)
    session.working = name if found == name else None
    return found


def _open_name(session: Session, manager: ProjectManager) -> str | None:
    project = session.recorder.call("ProjectManager.GetCurrentProject", manager.GetCurrentProject)
    return None if project is None else text_or_none(session.recorder.call("Project.GetName", project.GetName))
