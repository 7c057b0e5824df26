"""Names of strangers all the way: spec, plan, command, burnt-in text, proxy, result files, what is printed."""

import json

from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.hostile_media.clips import make_clip

NAMES = ("-i concat:a|%{localtime}%{eif:1:d}'a'\\:b,c;d[e]=f.mov",)
REFUSED_NAMES = ("a\nb\r\t.mov", "\x1b[2J\x1b]0;title\x07.mov")
STEERING = frozenset(map(chr, [*range(32), 127, 0x202E])) - {"\n"}


def test_hostile_names_stay_names_from_the_spec_to_the_results(workplace: Workplace) -> None:
    clip = make_clip(workplace.directory("clips"), "base.mov")
    inputs, output = workplace.directory("in"), workplace.directory("out")
    sources = [inputs / name for name in NAMES]
    for source in sources:
        source.write_bytes(clip.read_bytes())
    spec = proxy_spec(
        sources=sources,
        output=output,
        naming_template="{index}",
        proxy_profile="proxy_h264_low_burnin",
    )

    done = workplace.proxx("run", workplace.spec(spec))

    assert done.code == 0, done.stderr
    assert sorted(path.name for path in inputs.iterdir()) == sorted(NAMES)
    assert media_in(output) == [f"{index:03d}.mp4" for index in range(len(NAMES))]
    assert [clip["source_path"] for clip in done.json()["clips"]] == list(map(str, sources))
    written = [path for path in output.iterdir() if path.suffix in (".json", ".csv", ".txt")]
    assert written != []
    shown = "".join(path.read_text(encoding="utf-8") for path in written)
    assert [source.name for source in sources if json.dumps(str(source)) not in shown] == []
    for path in written:
        assert set(path.read_text(encoding="utf-8")) & STEERING == set(), path.name
    assert set(done.stderr) & STEERING == set()


def test_names_that_steer_a_terminal_are_refused_and_shown_escaped(workplace: Workplace) -> None:
    inputs, output = workplace.directory("in"), workplace.directory("out")
    sources = [inputs / name for name in REFUSED_NAMES]
    for source in sources:
        source.touch()

    done = workplace.proxx("run", workplace.spec(proxy_spec(sources=sources, output=output)))

    assert done.code == 1
    assert set(done.stderr) & STEERING == set()
    assert r"a\nb\r\t.mov" in done.stderr
    assert r"\u001b[2J\u001b]0;title\u0007.mov" in done.stderr
    assert media_in(output) == []
