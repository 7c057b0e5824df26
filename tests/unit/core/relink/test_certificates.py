"""Relink certificates of all targets: names, hostile facts, rules and their page, totals."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxx.core.relink import RelinkTarget, WillAttach, certificate_line, certify, totals_line
from proxx.core.relink.certify import TARGET_RULES
from tests.fakes.media_facts import FACTS, facts_with
from tests.unit.core.relink.pairs import ABOUT_ITSELF, PRORES, PROXY, any_facts, certificates, findings


def test_there_is_one_certificate_for_each_target_in_a_fixed_order():
    made = certify(source=FACTS, proxy=PROXY, source_name="a.mov", output_name="a_proxy.mov")
    assert [certificate.target for certificate in made] == list(RelinkTarget)


@pytest.mark.parametrize(
    ("target", "output_name", "notes"),
    [
        pytest.param(RelinkTarget.RESOLVE, "/day1/Proxy/A001C001.mov", [], id="Resolve finds it in the Proxy folder"),
        pytest.param(
            RelinkTarget.RESOLVE,
            "/proxies/A001C001_proxy.mov",
            [
                (
                    "proxy_folder",
                    "NOTE",
                    '"A001C001" in a folder Proxy beside the source',
                    '"A001C001_proxy" in another folder',
                )
            ],
            id="Resolve links it by hand from elsewhere",
        ),
        pytest.param(
            RelinkTarget.RESOLVE,
            "/day1/Proxy/A001C001_proxy.mov",
            [
                (
                    "proxy_folder",
                    "NOTE",
                    '"A001C001" in a folder Proxy beside the source',
                    '"A001C001_proxy" in that folder',
                )
            ],
            id="Resolve does not find it under another name",
        ),
        pytest.param(RelinkTarget.PREMIERE, "/proxies/A001C001_Proxy.mov", [], id="named as Premiere's ingest does"),
        pytest.param(
            RelinkTarget.PREMIERE,
            "/proxies/A001C001_proxy.mov",
            [("proxy_suffix", "NOTE", '"A001C001_Proxy"', '"A001C001_proxy"')],
            id="the suffix counts letter by letter",
        ),
    ],
)
def test_a_name_decides_how_a_proxy_attaches_and_never_whether(target, output_name, notes):
    certificate = certificates(output_name=output_name)[target]
    assert (certificate.will_attach, findings(certificate)) == (WillAttach.YES, notes)


def test_a_hostile_name_is_quoted_on_one_line():
    certificate = certificates(source_name="/day1/A\n\x1b[2J.mov")[RelinkTarget.PREMIERE]
    assert certificate.reasons[-1].expected == '"A\\n\\u001b[2J_Proxy"'


@pytest.mark.parametrize(
    ("source", "proxy", "where"),
    [
        pytest.param(replace(FACTS, video=None), PROXY, "source", id="source"),
        pytest.param(FACTS, replace(PROXY, video=None), "proxy", id="proxy"),
        pytest.param(replace(FACTS, video=None), replace(PROXY, video=None), "source and the proxy", id="both"),
    ],
)
def test_a_file_without_picture_attaches_nowhere(source, proxy, where):
    made = certificates(source, proxy)
    assert [(item.will_attach, findings(item)) for item in made.values()] == [
        (WillAttach.NO, [("video_track", "BLOCKS", "a video track in both", f"none in the {where}")])
    ] * 3


@given(any_facts(), any_facts(), st.text(max_size=8), st.text(max_size=8))
def test_any_two_files_get_an_answer_from_every_target(source, proxy, source_name, output_name):
    made = certificates(source, proxy, source_name, output_name)
    assert [certificate.target for certificate in made.values()] == list(RelinkTarget)


@given(any_facts())
def test_a_file_breaks_no_rule_of_comparison_with_itself(facts):
    assume(facts.video.width > 0 and facts.video.height > 0)
    broken = {
        reason.rule
        for certificate in certificates(facts, facts).values()
        for reason in certificate.reasons
        if reason.actual != "not stated" and not reason.actual.startswith("varying")
    }
    assert broken - ABOUT_ITSELF == set()


def test_every_rule_has_a_name_of_its_own_in_its_table_and_says_who_says_so():
    for rules in TARGET_RULES.values():
        assert len({rule.name for rule in rules}) == len(rules)
        assert all(rule.source and rule.requirement for rule in rules)


@pytest.mark.parametrize("target", list(RelinkTarget), ids=lambda target: target.value)
def test_the_page_for_people_has_every_rule_word_for_word(target):
    page = (Path(__file__).parents[4] / "docs" / "RELINK.md").read_text(encoding="utf-8")
    rows = [
        f"| `{rule.name}` | {rule.requirement} | {rule.effect} | {rule.strength} | {rule.source} |"
        for rule in TARGET_RULES[target]
    ]
    assert "\n".join(rows) in page


def test_the_line_names_the_rules_that_decide():
    made = certificates(FACTS, facts_with(video=replace(PRORES, width=1280, height=720)))
    assert certificate_line(made.values()) == "Resolve yes; Premiere uncertain (frame_size); Avid no (container, codec)"


def test_the_totals_count_every_answer():
    good = tuple(certificates().values())
    short = tuple(certificates(proxy=facts_with(video=replace(PRORES, frame_count=99))).values())
    assert totals_line([good, short, good]) == "Resolve 2 yes, 1 no; Premiere 3 yes; Avid 3 no"


def test_the_totals_of_nothing_are_empty():
    assert totals_line([()]) == ""
