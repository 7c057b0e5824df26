"""Preset files by hand: one of each category, and a global preset over them."""

from proxx.core.presets import Category, CategoryPreset, GlobalPreset, PresetLibrary, read_preset
from proxx.core.presets.category import file_name

_ABOUT = 'version = 1\ndescription = "for tests"\n'

FIELDS: dict[str, str] = {
    "CODEC": 'profile = "proxy_h264_low"\ncodec = "h264"\ncontainer = "mp4"\nfps_mode = "same-as-source"\n',
    "SCALING": 'resolution = "half"\n',
    "WATERMARK": 'variant = "none"\n',
    "NAMING": 'template = "{source_name}_proxy"\n',
    "FOLDER_OUTPUT": 'subfolder = ""\ncreate = false\n',
    "EXCLUSIONS": 'patterns = []\nextensions = ["thm"]\nhidden_files = true\nsmaller_than_bytes = 0\n',
    "DUPLICATES": 'collision_policy = "FAIL"\nreuse = "NEVER"\nrepeated_sources = "REFUSE"\n',
    "QUEUE": 'queue = "night"\npriority = -5\nfailure_policy = "CONTINUE"\nmax_parallel_clips = 2\nhold = false\n',
    "REPORTING": 'enabled = true\nformats = ["csv", "txt"]\n',
}
"""The keys of a sound preset of each category."""


def category_text(category: str, *, preset_id: str = "one", fields: str | None = None) -> str:
    """Return the text of a category preset."""
    own = FIELDS[category] if fields is None else fields
    return f'kind = "{category}"\nid = "{preset_id}"\n{_ABOUT}{own}'


def global_text(*, preset_id: str = "all", references: list[tuple[str, str]] | None = None, more: str = "") -> str:
    """Return the text of a global preset that refers to preset `one` of each category, or to `references`."""
    pairs = [(category.value, "one") for category in Category] if references is None else references
    listed = "".join(f'  {{ category = "{category}", id = "{name}" }},\n' for category, name in pairs)
    return f'kind = "GLOBAL"\nid = "{preset_id}"\n{_ABOUT}{more}presets = [\n{listed}]\n'


def preset_files(**fields: str) -> dict[str, str]:
    """Return sound files by name: one preset of each category and a global one. `fields` change some."""
    files = {
        file_name(kind=category, preset_id="one"): category_text(category, fields=fields.get(category))
        for category in FIELDS
    }
    return {**files, "global.all.toml": global_text()}


def made_presets(files: dict[str, str]) -> tuple[CategoryPreset | GlobalPreset, ...]:
    """Return the presets of some files."""
    return tuple(read_preset(text=text, file=name) for name, text in files.items())


def made_library(**fields: str) -> PresetLibrary:
    """Return the library of `preset_files`."""
    return PresetLibrary(made_presets(preset_files(**fields)))
