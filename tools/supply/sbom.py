"""`make sbom`: the bill of materials as CycloneDX 1.6 JSON, the same bytes for the same inputs.

python -m tools.supply.sbom --output build/sbom                          one file for each part, as below
python -m tools.supply.sbom --part image --name IMAGE --output DIR       what an image build calls, inside the image

Parts: `python` (requirements.lock), `tools` (what only people who work on Proxx install, of both registries), `ffmpeg`
(the programs of this machine), `image` (python and ffmpeg in one). A time stands in it only where SOURCE_DATE_EPOCH
says which; its serial number is made of its contents (docs/adr/0038-bill-of-materials.md).
"""

import argparse
import json
import os
import sys
import tomllib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tools.stages import ROOT
from tools.supply.ffmpeg_build import FfmpegBuild, FfmpegBuildError, read_build
from tools.supply.licences import Policy, licensed, read_policy
from tools.supply.locked import Locked, read_npm_lock, read_python_lock

PARTS = ("python", "tools", "ffmpeg", "image")
NAMESPACE = uuid.UUID("6d8f1c1e-8c4b-5f0a-9a55-70726f787821")
"""Of serial numbers: a version 5 UUID of this namespace and the contents."""

_ALGORITHMS = {"sha256": HashAlgorithm.SHA_256, "sha512": HashAlgorithm.SHA_512, "sha1": HashAlgorithm.SHA_1}


def python_component(package: Locked, *, policy: Policy, scope: ComponentScope) -> Component:
    """Return a locked package of PyPI. Its `distribution` reference has the digest of each file of the release.

    A component has one digest of each algorithm, and a release on PyPI is several files.
    """
    found = licensed(package, policy=policy)
    references = [ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(found.home))] if found.home else []
    files = XsUri(f"https://pypi.org/project/{package.name}/{package.version}/#files")
    hashes = [HashType(alg=_ALGORITHMS[package.algorithm], content=digest) for digest in package.digests]
    references.append(ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=files, hashes=hashes))
    properties = [Property(name="proxx:python:marker", value=package.marker)] if package.marker else []
    return Component(
        name=package.name,
        version=package.version,
        bom_ref=f"pypi/{package.name}@{package.version}",
        scope=scope,
        purl=PackageURL(type="pypi", name=package.name, version=package.version),
        licenses=[LicenseFactory().make_from_string(found.licence)] if found.licence else [],
        external_references=references,
        properties=properties,
    )


def npm_component(package: Locked) -> Component:
    """Return a locked package of npm; without a digest where the lock has none."""
    group, _, name = package.name.rpartition("/")
    hashes = [HashType(alg=_ALGORITHMS[package.algorithm], content=digest) for digest in package.digests]
    return Component(
        name=name,
        group=group or None,
        version=package.version,
        bom_ref=f"npm/{package.name}@{package.version}",
        scope=ComponentScope.EXCLUDED,
        purl=PackageURL(type="npm", namespace=group or None, name=name, version=package.version),
        licenses=[LicenseFactory().make_from_string(package.licence)] if package.licence else [],
        hashes=hashes,
    )


def ffmpeg_component(build: FfmpegBuild) -> Component:
    """Return a program of FFmpeg with its configuration, its own libraries as parts, and its codecs."""
    lists = (("external", build.external), ("decoder", build.decoders), ("encoder", build.encoders))
    properties = [Property(name=f"ffmpeg:{name}", value=value) for name, values in lists for value in values]
    properties.append(Property(name="ffmpeg:configuration", value=" ".join(build.configuration)))
    if not build.licence:
        properties.append(Property(name="ffmpeg:nonfree", value="may not be passed on"))
    return Component(
        name=build.program,
        version=build.version,
        type=ComponentType.APPLICATION,
        bom_ref=f"ffmpeg/{build.program}@{build.version}",
        scope=ComponentScope.REQUIRED,
        purl=PackageURL(type="generic", name=build.program, version=build.version),
        cpe=f"cpe:2.3:a:ffmpeg:ffmpeg:{build.version.partition('-')[0].removeprefix('n')}:*:*:*:*:*:*:*",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=build.sha256)],
        licenses=[LicenseFactory().make_from_string(build.licence)] if build.licence else [],
        properties=properties,
        components=[
            Component(name=name, version=version, bom_ref=f"ffmpeg/{build.program}/{name}@{version}")
            for name, version in build.libraries
        ],
    )


def bill(*, name: str, components: Iterable[Component]) -> str:
    """Return the document: sorted, without a time unless SOURCE_DATE_EPOCH gives one, numbered by its contents."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = project["version"]
    root = Component(
        name=name,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"proxx/{name}@{version}",
        purl=PackageURL(type="generic", name=name, version=version),
        licenses=[LicenseFactory().make_from_string(project["license"])],
    )
    made = Bom(components=components, serial_number=NAMESPACE)
    made.metadata.component = root
    made.register_dependency(root, made.components)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    made.metadata.timestamp = datetime.fromtimestamp(int(epoch or 0), tz=UTC)
    made.serial_number = uuid.uuid5(NAMESPACE, JsonV1Dot6(made).output_as_string())
    document = json.loads(JsonV1Dot6(made).output_as_string())
    if epoch is None:
        del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def components_of(part: str, *, policy: Policy) -> list[Component]:
    """Return the components of one part.

    Raises:
        FfmpegBuildError: the part has FFmpeg in it, and this machine has none.
        LockError: a lock file cannot be read.
    """
    runtime = read_python_lock(ROOT / "requirements.lock")
    found: list[Component] = []
    if part in ("python", "image"):
        found += [python_component(item, policy=policy, scope=ComponentScope.REQUIRED) for item in runtime]
    if part == "tools":
        names = {item.name for item in runtime}
        locks = (ROOT / "requirements-dev.lock", ROOT / "requirements-fuzz.lock")
        others = {item.name: item for lock in locks for item in read_python_lock(lock) if item.name not in names}
        found += [python_component(item, policy=policy, scope=ComponentScope.EXCLUDED) for item in others.values()]
        npm = {(item.name, item.version): item for item in read_npm_lock(ROOT / "package-lock.json")}
        found += [npm_component(item) for item in npm.values()]
    if part in ("ffmpeg", "image"):
        found += [ffmpeg_component(read_build(program=program)) for program in ("ffmpeg", "ffprobe")]
    return found


def main() -> int:
    """Write one file for each part, each held against the schema. Returns 1 when FFmpeg cannot be asked."""
    parser = argparse.ArgumentParser(description="Write the bill of materials.")
    parser.add_argument("--part", action="append", choices=PARTS, help="repeatable (default: all but image)")
    parser.add_argument("--name", help="the name of what is described (default: proxx-PART)")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "sbom", help="directory of the files")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    policy = read_policy()
    for part in arguments.part or PARTS[:3]:
        name = arguments.name or f"proxx-{part}"
        try:
            components = components_of(part, policy=policy)
        except FfmpegBuildError as error:
            print(f"make sbom: {error}")
            return 1
        path = arguments.output / f"{name}.cdx.json"
        text = bill(name=name, components=components)
        if (fault := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
            print(f"make sbom: {name} is no CycloneDX 1.6: {fault!r:.1000}")
            return 1
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}: {len(components)} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
