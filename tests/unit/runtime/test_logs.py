import io
import json
import logging

import pytest
import structlog

from proxx.runtime.logs import configure_logs, log_context


@pytest.fixture(autouse=True)
def _restored_logging():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    logging.getLogger("grpc").setLevel(logging.INFO)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def stream():
    return io.StringIO()


def records(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_record_has_time_level_event_logger_and_facts(stream):
    configure_logs(stream=stream)
    structlog.stdlib.get_logger("proxx.test").info("clip.published", clip_index=3)
    (record,) = records(stream)
    assert record.pop("time").endswith("Z")
    assert record == {"level": "info", "event": "clip.published", "logger": "proxx.test", "clip_index": 3}


def test_bound_ids_are_on_every_record_of_the_block(stream):
    configure_logs(stream=stream)
    log = structlog.stdlib.get_logger("proxx.test")
    with log_context(job_key="k", job_id="0a1b2c3d", clip_index=0):
        log.info("inside")
        logging.getLogger("lib").warning("inside too")
    log.info("outside")
    ids = [(record.get("job_key"), record.get("job_id"), record.get("clip_index")) for record in records(stream)]
    assert ids == [("k", "0a1b2c3d", 0), ("k", "0a1b2c3d", 0), (None, None, None)]


def test_records_of_the_standard_library_have_the_same_form(stream):
    configure_logs(stream=stream)
    logging.getLogger("grpc").warning("lost %s", "peer", extra={"port": 7600})
    (record,) = records(stream)
    del record["time"]
    assert record == {"level": "warning", "event": "lost peer", "logger": "grpc", "port": 7600}


def test_records_below_the_level_are_dropped(stream):
    configure_logs(level="warning", stream=stream)
    structlog.stdlib.get_logger("proxx.test").info("quiet")
    logging.getLogger("lib").info("quiet")
    assert records(stream) == []


@pytest.mark.parametrize(("level", "least"), [("debug", logging.INFO), ("error", logging.ERROR)])
def test_grpc_says_nothing_below_info(level, least):
    configure_logs(level=level, stream=io.StringIO())
    assert logging.getLogger("grpc._cython.cygrpc").getEffectiveLevel() == least


def test_configuring_again_does_not_double_the_lines(stream):
    configure_logs(stream=io.StringIO())
    configure_logs(stream=stream)
    logging.getLogger("lib").warning("once")
    assert len(records(stream)) == 1


@pytest.mark.parametrize("console", [False, True], ids=["json", "console"])
def test_bytes_of_strangers_never_reach_the_terminal_as_they_are(stream, console):
    configure_logs(stream=stream, console=console)
    structlog.stdlib.get_logger("proxx.test").info("probe\x1b[2J", path="a\x1b]0;x\x07\u202e\x9b\x7f\nb\udce9.mov")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert not set(text) & set("\x1b\x07\u202e\x9b\x7f\udce9")


def test_name_with_any_character_is_whole_in_json(stream):
    configure_logs(stream=stream)
    structlog.stdlib.get_logger("proxx.test").info("probe", path="Ä\x1b\u202e\x7f.mov")
    assert records(stream)[0]["path"] == "Ä\x1b\u202e\x7f.mov"


@pytest.mark.parametrize("console", [False, True], ids=["json", "console"])
def test_trace_of_an_exception_is_kept(stream, console):
    configure_logs(stream=stream, console=console)
    try:
        raise KeyError("absent\x1b")
    except KeyError:
        structlog.stdlib.get_logger("proxx.test").exception("rpc.defect")
    assert "Traceback (most recent call last)" in stream.getvalue()
    assert "KeyError" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_console_line_is_for_people(stream):
    configure_logs(stream=stream, console=True)
    structlog.stdlib.get_logger("proxx.test").info("clip.published", clip_index=3, path="a b.mov")
    assert stream.getvalue()[20:] == ' info    clip.published  clip_index=3 path="a b.mov"  [proxx.test]\n'


def test_unknown_level_is_refused():
    with pytest.raises(ValueError, match="'loud': expected one of debug, info, warning, error"):
        configure_logs(level="loud")
