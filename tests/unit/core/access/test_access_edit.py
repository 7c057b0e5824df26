"""Tokens go into an access file and out of it, and nothing else of the file changes."""

from datetime import UTC, datetime

import pytest

from proxx.core.access.access_edit import NewToken, with_token, without_tokens
from proxx.core.access.access_reader import AccessFileError
from proxx.core.access.role import Role

END = datetime(2027, 5, 1, tzinfo=UTC)
A, B, C = "a" * 64, "b" * 64, "c" * 64

FILE = f"""# who may do what at the west site
[[identity]]
name = "mam"            # the asset manager
roles = ["submitter"]

# issued by Alice
[[identity.token]]
id = "one"
sha256 = "{A}"
expires = 2027-01-01T00:00:00Z

# the farm
[[ identity ]]
name = "farm"
roles = [
  "executor",
]
certificate = "spiffe://site/farm"

[[revoked]]
serial = "0a"
# the end
"""

BLOCK = f"""[[identity.token]]
id = "two"
sha256 = "{B}"
expires = 2027-05-01T00:00:00Z
"""


def added(text=FILE, *, name="mam", roles=(), executors=(), key="two", digest=B):
    token = NewToken(id=key, sha256=digest, expires=END)
    return with_token(text=text, origin="access.toml", name=name, roles=roles, executors=executors, token=token)


def problems(act, *arguments, **options):
    with pytest.raises(AccessFileError) as refused:
        act(*arguments, **options)
    return refused.value.problems


def test_a_token_goes_behind_the_last_one_of_its_identity_and_everything_else_stays():
    assert added() == FILE.replace("2027-01-01T00:00:00Z\n", f"2027-01-01T00:00:00Z\n{BLOCK}")


def test_the_first_token_of_an_identity_goes_behind_its_own_table():
    expected = FILE.replace('"spiffe://site/farm"\n', f'"spiffe://site/farm"\n{BLOCK}')
    assert added(name="farm", roles=(Role.EXECUTOR,)) == expected


def test_a_new_identity_goes_to_the_end():
    expected = (
        f'{FILE}\n[[identity]]\nname = "dailies \\"x\\""\nroles = ["executor"]\nexecutors = ["ffmpeg-*"]\n{BLOCK}'
    )
    assert added(name='dailies "x"', roles=(Role.EXECUTOR,), executors=("ffmpeg-*",)) == expected


def test_an_empty_file_gets_its_first_identity():
    assert added("", roles=(Role.VIEWER,)) == f'[[identity]]\nname = "mam"\nroles = ["viewer"]\n{BLOCK}'


def test_a_token_goes_out_with_its_table_and_comments_stay():
    gone = f'[[identity.token]]\nid = "one"\nsha256 = "{A}"\nexpires = 2027-01-01T00:00:00Z\n'
    assert without_tokens(text=FILE, origin="access.toml", tokens=[("mam", "one")]) == FILE.replace(gone, "")


def test_what_went_in_goes_out_again():
    text = added(added(name="farm"), key="three", digest=C)
    assert without_tokens(text=text, origin="access.toml", tokens=[("mam", "three"), ("farm", "two")]) == FILE


def test_an_identity_keeps_its_roles():
    assert problems(added, roles=(Role.OPERATOR,)) == ('access.toml: "mam" has roles submitter, not operator',)
    assert problems(added, executors=("x",)) == ('access.toml: "mam" has executors none, not x',)


def test_a_new_identity_needs_a_role():
    assert problems(added, name="new") == ('access.toml: no identity is named "new"; a new one needs a role',)


def test_an_id_that_is_taken_is_refused():
    expected = 'access.toml: identity[0]: token[1]: id: "one" names another token of the identity, too'
    assert [line for line in problems(added, key="one") if "names another" in line] == [expected]


def test_a_token_that_is_not_there_is_refused():
    words = {"text": FILE, "origin": "access.toml", "tokens": [("mam", "two")]}
    assert problems(without_tokens, **words) == ('access.toml: "mam" has no token "two"',)


INLINE = f"""[[identity]]
name = "mam"
roles = ["submitter"]
token = [{{ id = "one", sha256 = "{A}", expires = 2027-01-01T00:00:00Z }}]
"""
IN_A_STRING = f'''[[identity]]
name = "mam"
roles = ["submitter"]
certificate = """cn:
[[identity]]"""
{BLOCK}'''


def test_a_file_that_is_written_in_another_way_is_left_to_a_person():
    sentence = (
        "access.toml: is written in a way that only a person can change; [[identity]] and [[identity.token]] are not"
    )
    assert problems(added, INLINE) == (sentence,)
    assert problems(without_tokens, text=INLINE, origin="access.toml", tokens=[("mam", "one")]) == (sentence,)


@pytest.mark.parametrize("text", ["[[identity", "[other]\n", IN_A_STRING], ids=["no TOML", "another table", "bad name"])
def test_a_file_that_breaks_rules_is_not_changed(text):
    assert problems(added, text)
