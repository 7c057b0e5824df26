"""The render presets that Proxx ships: one file for each Resolve profile, which names it by its sha256.

Each holds what no key of SetRenderSettings can say. docs/RESOLVE.md lists the fields and why each has its value.
"""
