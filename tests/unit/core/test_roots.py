"""Named storage roots: the longest spelling wins, nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.roots import Root, RootPath, RootTable, UnmappedPathError

TABLE = RootTable(
    (
        Root(name="media", spelling="/media"),
        Root(name="cards", spelling="/media/cards/"),
        Root(name="proxies", spelling="/proxies"),
    )
)
COMPONENT = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), min_size=1, max_size=8
).filter(lambda name: name not in (".", ".."))
SHARED = RootTable(
    (
        Root(name="media", spelling="/mnt/media"),
        Root(name="media", spelling="/Volumes/media"),
        Root(name="media", spelling="M:\\"),
        Root(name="media", spelling="\\\\nas\\media"),
        Root(name="proxies", spelling="//nas/proxies/"),
    )
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/media/a.mov", RootPath(root="media", path="a.mov")),
        ("/media/day 1/a.mov", RootPath(root="media", path="day 1/a.mov")),
        ("/media/cards/a.mov", RootPath(root="cards", path="a.mov")),
        ("/media/cards", RootPath(root="cards", path="")),
        ("/media/cardsX/a.mov", RootPath(root="media", path="cardsX/a.mov")),
        ("/media", RootPath(root="media", path="")),
        ("/media/", RootPath(root="media", path="")),
        ("/proxies/out/", RootPath(root="proxies", path="out")),
    ],
)
def test_a_path_lies_below_the_root_with_the_longest_spelling(path: str, expected: RootPath) -> None:
    assert TABLE.resolve(path) == expected


@pytest.mark.parametrize("path", ["/mediaX/a.mov", "/", "/other", "media/a.mov"])
def test_a_path_under_no_root_is_refused_with_the_roots_named(path: str) -> None:
    with pytest.raises(UnmappedPathError) as caught:
        TABLE.resolve(path)
    assert str(caught.value) == f"{path} lies under no storage root (/media/cards/, /proxies, /media)"


def test_no_root_at_all_is_said() -> None:
    with pytest.raises(UnmappedPathError, match=r"/a lies under no storage root \(none is configured\)"):
        RootTable(()).resolve("/a")


def test_the_whole_host_as_one_root_covers_every_absolute_path() -> None:
    table = RootTable((Root(name="host", spelling="/"),))
    assert [table.resolve("/a/b.mov"), table.resolve("/")] == [
        RootPath(root="host", path="a/b.mov"),
        RootPath(root="host", path=""),
    ]


@given(st.sampled_from(["/media", "/media/cards", "/proxies"]), st.lists(COMPONENT, min_size=1, max_size=4))
def test_a_path_is_spelt_back_as_it_came(spelling: str, components: list[str]) -> None:
    path = "/".join([spelling, *components])
    assert TABLE.spell(TABLE.resolve(path)) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/mnt/media/day 1/a.mov", RootPath(root="media", path="day 1/a.mov")),
        ("/Volumes/media/a.mov", RootPath(root="media", path="a.mov")),
        ("M:\\day 1\\A.mov", RootPath(root="media", path="day 1/A.mov")),
        ("m:/a.mov", RootPath(root="media", path="a.mov")),
        ("\\\\NAS\\Media\\a.mov", RootPath(root="media", path="a.mov")),
        ("//nas/proxies\\out\\", RootPath(root="proxies", path="out")),
    ],
)
def test_every_spelling_of_a_root_names_the_same_file(path: str, expected: RootPath) -> None:
    assert SHARED.resolve(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/MNT/media/a.mov",
        "N:\\a.mov",
        "\\\\nas\\mediaX\\a.mov",
        "\\\\nas2\\media\\a.mov",
        "\\\\?\\M:\\a.mov",
        "\\\\.\\M:\\a.mov",
        "\\\\nas\\media\\..\\secret\\a.mov",
        "M:a.mov",
        "/mnt/media\\a.mov",
        "file:///mnt/media/a.mov",
    ],
)
def test_what_only_looks_like_a_spelling_is_refused(path: str) -> None:
    with pytest.raises(UnmappedPathError):
        SHARED.resolve(path)


def test_a_root_in_a_root_is_reached_under_one_name_by_every_spelling() -> None:
    table = RootTable(
        (
            Root(name="all", spelling="/mnt"),
            Root(name="all", spelling="M:\\"),
            Root(name="cards", spelling="/mnt/cards"),
            Root(name="cards", spelling="M:\\cards"),
        )
    )
    assert [table.resolve(path) for path in ("/mnt/cards/a", "M:/CARDS/a", "M:\\a")] == [
        RootPath(root="cards", path="a"),
        RootPath(root="cards", path="a"),
        RootPath(root="all", path="a"),
    ]


def test_an_unknown_root_cannot_be_spelt() -> None:
    with pytest.raises(UnmappedPathError, match="root 'tape' is not configured"):
        TABLE.spell(RootPath(root="tape", path="a"))


@pytest.mark.parametrize(
    ("roots", "message"),
    [
        ((Root(name="a", spelling="media"),), "root 'a': spelling 'media' is not absolute"),
        ((Root(name="a", spelling="M:"),), "root 'a': spelling 'M:' is not absolute"),
        ((Root(name="a", spelling="/x/../y"),), "which has the component"),
        ((Root(name="", spelling="/x"),), '"" is no name of a root'),
        ((Root(name="a", spelling="/x"), Root(name="b", spelling="/x/")), "two roots share a spelling: a=/x and b=/x/"),
        ((Root(name="a", spelling="M:\\X"), Root(name="b", spelling="m:/x/")), "two roots share a spelling"),
        ((Root(name="a", spelling="\\\\nas\\m"), Root(name="b", spelling="//NAS/M")), "two roots share a spelling"),
        ((Root(name="a", spelling="/x"), Root(name="a", spelling="/x/y")), "lies in its own '/x'"),
        (
            (Root(name="a", spelling="/x"), Root(name="a", spelling="M:\\"), Root(name="b", spelling="/x/y")),
            r"root 'b' lies in 'a' as '/x/y', so it needs the spelling 'M:.*y', too",
        ),
    ],
    ids=[
        "relative spelling",
        "drive without a directory",
        "spelling with two dots",
        "no name",
        "one spelling twice",
        "one drive in two cases",
        "one share with two separators",
        "a root in itself",
        "a root that a spelling of the outer one reaches",
    ],
)
def test_a_table_that_is_ambiguous_is_refused(roots: tuple[Root, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RootTable(roots)


def test_a_root_path_knows_its_parent_its_children_and_its_name() -> None:
    path = RootPath(root="media", path="day/a.mov")
    top = path.parent().parent()
    assert (path.name, path.parent(), top, top.child("x"), top.child("x").child("y")) == (
        "a.mov",
        RootPath(root="media", path="day"),
        RootPath(root="media", path=""),
        RootPath(root="media", path="x"),
        RootPath(root="media", path="x/y"),
    )
