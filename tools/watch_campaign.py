"""Drop clips into a media folder in every bad manner that is known, and count what was submitted too early or never.

python -m tools.watch_campaign --drops 2000
python -m tools.watch_campaign --drops 50 --first 17     the drops of one seed again
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the campaign. Returns 1 when a drop was early, lost or doubled."""
    parser = argparse.ArgumentParser(description="Scripted drops into a media folder, under a virtual clock.")
    parser.add_argument("--drops", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed; a seed is 50 drops")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.watching.campaign import run_drops
    from tests.watching.templates import make_templates

    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="proxx-templates-") as directory:
        templates = make_templates(Path(directory))
    outcome = run_drops(count=arguments.drops, first_seed=arguments.first, templates=templates)
    print(
        f"{outcome.drops} drops in {len(templates)} containers, {outcome.passes} passes, {outcome.restarts} restarts, "
        f"{outcome.virtual_seconds / 3600:.1f} virtual hours in {time.monotonic() - begun:.0f} s"
    )
    print("from the last write to the submission, seconds: least, median, most")
    for script, waits in sorted(outcome.waits.items()):
        print(f"  {script:26}{len(waits):5} drops {min(waits):8.1f} {median(waits):8.1f} {max(waits):8.1f}")
    for word, names in (("early", outcome.early), ("lost", outcome.lost), ("doubled", outcome.doubled)):
        print(f"{word}: {len(names)}")
        for name in names[:20]:
            print(f"  {name}")
    return 1 if outcome.early or outcome.lost or outcome.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
