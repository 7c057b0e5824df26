"""The presets that Proxx ships: one TOML file each, read by proxx.runtime.preset_files."""
