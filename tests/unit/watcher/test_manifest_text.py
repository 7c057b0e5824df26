"""The manifest is written as json.dumps would write it, and an entry in words only once."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from proxx.core.result_json import json_text
from proxx_watcher.domain.manifest import ManifestEntry, ManifestText, read_manifest

ENTRIES = st.dictionaries(
    st.text(min_size=1),
    st.builds(
        ManifestEntry,
        sha256=st.text(),
        processed_at=st.text(),
        result_status=st.sampled_from(["COMPLETED", "FAILED", "PARTIAL"]),
        job_key=st.text(),
        generation=st.integers(min_value=0, max_value=1000),
    ),
    max_size=4,
)


@given(entries=ENTRIES, later=ENTRIES)
def test_the_text_is_that_of_the_whole_document_also_when_entries_change(
    entries: dict[str, ManifestEntry], later: dict[str, ManifestEntry]
) -> None:
    writer = ManifestText()
    for now in (entries, {**entries, **later}, {path: replace(entry, generation=7) for path, entry in later.items()}):
        text = writer.of(now)
        assert text == json_text(json.loads(text)) + "\n"
        assert read_manifest(text) == now
        assert list(json.loads(text)["entries"]) == list(now)
