"""A scene: one source, the profile that makes its proxy, and the container: what a good proxy is made from."""

from dataclasses import dataclass

from tests.footage.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One source and the proxy that is asked for. `name` is unique; it names the scene's directory too."""

    name: str
    recipe: Recipe
    profile: str
    container: str
    resolution: str = "half"
