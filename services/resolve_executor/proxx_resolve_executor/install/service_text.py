"""The service definition of each platform as text. Pure.

All three start the executor in the graphical session of a user, when it begins: Resolve needs that session's display
and graphics card. Windows services and system daemons run in a session without either.
"""

import plistlib
from pathlib import PurePath
from xml.sax.saxutils import escape

from proxx_resolve_executor.install.host_layout import LABEL

TITLE = "Proxx executor for DaVinci Resolve"
STOP_SECONDS = 120
"""From the request to stop until it is ended: a drain (30 s by default), the end of a render, the end of Resolve."""

RETRY_SECONDS = 60
MODULE = "proxx_resolve_executor"


def run_words(*, python: PurePath, settings: PurePath) -> tuple[str, ...]:
    """Return the command that the service runs, word by word."""
    return (str(python), "-m", MODULE, "run", "--config", str(settings))


def systemd_unit(*, words: tuple[str, ...]) -> str:
    """Return the user unit of systemd. It lives and ends with the graphical session; its log is the journal.

    After five failures within an hour it stays down: each try may start Resolve, under the eyes of whoever works there.
    """
    return f"""\
[Unit]
Description={TITLE}
After=graphical-session.target
PartOf=graphical-session.target
StartLimitIntervalSec=3600
StartLimitBurst=5

[Service]
Type=exec
ExecStart={" ".join(_unit_word(word) for word in words)}
Restart=on-failure
RestartSec={RETRY_SECONDS}
KillMode=mixed
TimeoutStopSec={STOP_SECONDS}

[Install]
WantedBy=graphical-session.target
"""


def launchd_plist(*, words: tuple[str, ...], log: PurePath) -> str:
    """Return the LaunchAgent of launchd: in the graphical session (Aqua) only, never on a console or over ssh."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": list(words),
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",  # a background process is slowed down, and a render with it
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": RETRY_SECONDS,
            "ExitTimeOut": STOP_SECONDS,
            "StandardOutPath": str(log),
            "StandardErrorPath": str(log),
        },
        sort_keys=False,
    ).decode("utf-8")


def windows_task(*, words: tuple[str, ...], user: str) -> str:
    """Return the scheduled task of Windows, as `schtasks /Create /XML` takes it; to be written as UTF-16.

    A task with an interactive token, not a service: services run in session 0, which has no desktop. Priority 5,
    because a task's default of 7 puts its disk access behind everybody else's. No limit of time.
    """
    program, arguments = words[0], _windows_line(words[1:])
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.3" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{escape(TITLE)}</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>{escape(user)}</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT{RETRY_SECONDS // 60}M</Interval>
      <Count>5</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(arguments)}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def _unit_word(word: str) -> str:
    """One word of ExecStart: quoted, and with nothing that systemd would expand."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if text != word or " " in word or "'" in word or ";" in word else word


def _windows_line(words: tuple[str, ...]) -> str:
    """Words as one line of Windows. Paths of Windows hold no quotation mark, so quoting the word is enough."""
    return " ".join(f'"{word}"' if " " in word else word for word in words)
