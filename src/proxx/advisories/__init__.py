"""Known vulnerabilities of what Proxx stands on, as data: `known.toml`, read by `proxx.runtime.advisory_files`."""
