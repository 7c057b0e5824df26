"""The profiles that Proxx ships: one TOML file each, read by proxx.runtime.profile_files."""
