"""`proxx executors`: what operators see of executors, and how they drain them."""

import json
from dataclasses import replace

from proxx.cli.main import run_cli
from proxx.core.detection import Engine
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World


def executors(*words, leases=0):
    view = replace(samples.executor(Engine.FFMPEG), leases=leases)
    world = World(scheduler=FakeScheduler(executors=(view,)))
    return world, run_cli(["executors", *words], environment=world.environment())


def test_executors_are_listed(capsys):
    _, code = executors("list")
    assert (code, capsys.readouterr().out.splitlines()) == (
        0,
        [
            "NAME   STATE  ENGINE  SLOTS  LAST SEEN                  VERSION",
            "local  READY  ffmpeg  0/1    2026-11-20T09:00:00+00:00  0.1.0",
        ],
    )


def test_it_is_said_which_identity_opened_a_session(capsys):
    view = replace(samples.executor(Engine.FFMPEG), identity="farm")
    world = World(scheduler=FakeScheduler(executors=(view,)))
    assert run_cli(["executors", "list"], environment=world.environment()) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "local: session of identity farm"


def test_what_a_resolve_executor_encodes_is_said(capsys):
    view = replace(samples.executor(Engine.RESOLVE), codecs=("mov/DNxHRLB", "mov/ProRes422P"))
    world = World(scheduler=FakeScheduler(executors=(view,)))
    assert run_cli(["executors", "list"], environment=world.environment()) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "local encodes mov/DNxHRLB, mov/ProRes422P"


def test_a_drain_says_what_the_executor_still_ends(capsys):
    world, code = executors("drain", "local", "--reason", "new disk", leases=2)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "drain executor local: it ends what it has (2 leases) and gets nothing new\n")
    assert "DRAINING (by operator)" in out
    assert world.scheduler.called("drain_executor") == [("local", "new disk")]


def test_a_name_that_no_executor_has_is_refused_before_anything_is_asked(capsys):
    world, code = executors("drain", "elsewhere")
    assert (code, world.scheduler.called("drain_executor")) == (1, [])
    assert capsys.readouterr().err == "no executor of the name elsewhere has a session\n"


def test_an_executor_takes_work_again(capsys):
    world, code = executors("undrain", "local", "--json")
    assert (code, world.scheduler.called("undrain_executor")) == (0, [("local", "")])
    assert [view["state"] for view in json.loads(capsys.readouterr().out)["executors"]] == ["READY"]


def test_a_fenced_executor_says_why_since_when_and_what_lets_it_work_again(capsys):
    fence = {"state": "FENCED", "fence_reason": "5 times in a row it failed", "fence_time": samples.START}
    view = replace(samples.executor(Engine.FFMPEG), **fence)
    world = World(scheduler=FakeScheduler(executors=(view, replace(view, incarnation="j"))))
    assert run_cli(["executors", "list"], environment=world.environment()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[1:3]] == ["FENCED", "FENCED"]
    assert lines[3:] == [
        "local is fenced off since 2026-11-20T09:00:00+00:00: 5 times in a row it failed; "
        "proxx executors undrain lets it work again"
    ]
