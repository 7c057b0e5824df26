"""A site with TLS, client certificates and tokens: real processes make one clip, and refuse whoever may not call."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from tests.e2e.begun import Begun
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Outcome, Workplace
from tests.footage.kind import ClipKind

EXECUTORS = """
[[identity]]
name = "farm"
roles = ["executor"]
certificate = "spiffe://west/farm"
executors = ["ffmpeg-*"]

[[identity]]
name = "workstation"
roles = ["viewer"]
certificate = "spiffe://west/workstation"
"""


class Site:
    """A site as docs/SECURITY_MODEL.md sets one up, with the commands that stand there."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.started: list[Begun] = []
        self.address = ""
        place = f"{workplace.root}/"
        issue = ("certs", "issue", "--ca", f"{place}ca")
        self._done("certs", "init", f"{place}ca")
        self._done(*issue, "scheduler", "--server", "localhost", "--server", "127.0.0.1")
        for name in ("farm", "workstation"):
            self._done(*issue, name, "--client", "--spiffe", f"spiffe://west/{name}")
        files = ("--access", f"{place}access.toml", "--out", f"{place}mam.token")
        self._done("tokens", "create", "mam", "--role", "submitter", *files)
        with (workplace.root / "access.toml").open("a", encoding="utf-8") as file:
            file.write(EXECUTORS)
        self._done("access", "check", f"{place}access.toml")

    def _done(self, *words: str) -> None:
        assert run_cli(words) == 0

    def start(self) -> None:
        """Start scheduler and executor."""
        words = ["--listen", "127.0.0.1:0", "--database", "site.db", "--access", "access.toml", "--metrics", "off"]
        words += ["--tls-certificate", "ca/scheduler.crt", "--tls-key", "ca/scheduler.key"]
        scheduler = self._process("proxx_scheduler", [*words, "--tls-client-ca", "ca/ca.crt"])
        self.address = str(scheduler.ready()["address"])
        self.executor("ffmpeg-1").ready()

    def executor(self, name: str) -> Begun:
        """Begin an executor with the farm's certificate."""
        words = ["--scheduler", self.address, "--name", name, "--slots", "1"]
        return self._process("proxx_ffmpeg_executor", [*words, *self.shown("farm")])

    def ask(self, *words: str | Path, certificate: str = "workstation", token: str = "") -> Outcome:
        """Run a command against the scheduler."""
        shown = [*self.shown(certificate), *(["--token-file", token] if token else [])]
        return self.workplace.proxx(*words, "--server", self.address, *shown)

    def shown(self, certificate: str) -> list[str]:
        """The options that show a certificate, "" for none."""
        options = ["--tls-client-certificate", f"ca/{certificate}.crt", "--tls-client-key", f"ca/{certificate}.key"]
        return ["--tls-ca", "ca/ca.crt", *(options if certificate else [])]

    def _process(self, module: str, words: list[str]) -> Begun:
        begun = Begun.start(
            [sys.executable, "-P", "-m", module, *words],
            directory=self.workplace.root,
            environment=self.workplace.environment(),
            ready=True,
        )
        self.started.append(begun)
        return begun


@pytest.fixture
def site(workplace: Workplace) -> Iterator[Site]:
    found = Site(workplace)
    yield found
    for begun in reversed(found.started):
        begun.kill()


def test_a_site_with_certificates_and_tokens_makes_a_clip_and_refuses_who_may_not(
    site: Site, workplace: Workplace, footage: Mapping[ClipKind, Path]
) -> None:
    site.start()
    output = workplace.directory("out")
    spec = workplace.spec(proxy_spec(sources=[footage[ClipKind.H264_LONG_GOP_23976]], output=output))
    made = site.ask("submit", spec, "--wait", "--no-progress", token="mam.token")
    assert (made.code, made.json()["final_status"]) == (0, "COMPLETED"), made.stderr
    assert len([path for path in output.iterdir() if path.suffix == ".mp4"]) == 1

    whoami = site.ask("whoami", "--json", token="mam.token").json()
    assert (whoami["name"], whoami["how"], whoami["roles"]) == ("mam", "token", ["submitter"])

    refused = site.ask("executors", "drain", "ffmpeg-1", token="mam.token")
    assert (refused.code, refused.stderr.splitlines()[-1]) == (
        4,
        "needed: the role operator; yours: submitter (proxx whoami); the server's access file gives roles",
    )
    stranger = site.ask("whoami", certificate="")
    assert (stranger.code, "the server wants a client certificate" in stranger.stderr) == (4, True)
    plain = workplace.proxx("whoami", "--server", site.address)
    assert (plain.code, "the server speaks TLS, and this call did not" in plain.stderr) == (4, True)

    foreign = site.executor("resolve-1")
    assert foreign.process.wait(timeout=60) == 4
    assert 'executor "resolve-1": "farm" may be executors "ffmpeg-*" only' in foreign.said().replace('\\"', '"')
