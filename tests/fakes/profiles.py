"""Profiles by hand: the five names of the source documents."""

from fractions import Fraction

from proxx.core.detection import Engine
from proxx.core.profile import Fit, Interlaced, Profile, VariableRate
from proxx.core.profile_library import ProfileLibrary

ANY = ("same", "half", "quarter", "WxH")


def make_profile(
    *,
    name: str,
    codec: str,
    containers: tuple[str, ...],
    resolutions: tuple[str, ...] = ANY,
    default_resolution: str = "half",
    codec_aliases: tuple[str, ...] = (),
    engine: Engine = Engine.FFMPEG,
    fit: Fit = Fit.SCALE,
    frame_rates: tuple[Fraction, ...] = (),
) -> Profile:
    """Return a profile whose encoder fields say nothing; for tests that look at what a spec may ask of it."""
    return Profile(
        name=name,
        version=1,
        description=f"fake {name}",
        variant_of="",
        variant="",
        engine=engine,
        codec=codec,
        codec_aliases=codec_aliases,
        containers=containers,
        resolutions=resolutions,
        default_resolution=default_resolution,
        fit=fit,
        frame_rates=frame_rates,
        variable_rate=VariableRate.KEEP,
        interlaced=Interlaced.DEINTERLACE,
        encoder="",
        pixel_format="",
        arguments=(),
        threads=1,
        intra_only=False,
        audio=(),
        look=None,
        witness=False,
        picture_checks=None,
        timeout_seconds=3600,
        stall_seconds=120,
        render={},
        digest="0" * 64,
    )


def seed_library() -> ProfileLibrary:
    """Return the five profiles that the source documents name."""
    return ProfileLibrary(
        (
            make_profile(name="proxy_h264_low", codec="h264", containers=("mp4", "mov", "mkv")),
            make_profile(
                name="offline_h264_1920x1080",
                codec="h264",
                containers=("mp4", "mov"),
                resolutions=("1920x1080",),
                default_resolution="1920x1080",
                fit=Fit.PAD,
            ),
            make_profile(name="proxy_prores_proxy", codec="prores_proxy", containers=("mov",)),
            make_profile(
                name="proxy_prores_proxy_resolve", codec="prores_proxy", containers=("mov",), engine=Engine.RESOLVE
            ),
            make_profile(name="proxy_dnxhr_lb_resolve", codec="dnxhr", containers=("mov",), engine=Engine.RESOLVE),
        )
    )
