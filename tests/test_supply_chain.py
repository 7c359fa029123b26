"""The lock files against the requirements, the licences of all that runs against a list, and the tools of `.ci` around them."""

import importlib.util
import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from covidlab.paths import PROJECT_ROOT

REQUIREMENTS = sorted(path.stem for path in PROJECT_ROOT.glob("requirements*.txt"))
PIN = re.compile(r"^(\S+)==(\S+?)(?: ; .*)?(?: \\)?$", re.MULTILINE)
MARKED_PIN = re.compile(r"^(\S+==\S+(?: ; .*?)?)(?: \\)?$", re.MULTILINE)

PERMISSIVE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "HPND",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
}
# As packages wrote it before SPDX: their classifiers and free words.
OTHER_WORDS = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# Each with its reason; a package that needs none any more makes the test fail.
EXCEPTIONS = {
    "certifi": "MPL-2.0: a list of certificates, used unchanged; the licence covers its own files only",
    "tqdm": "MPL-2.0 for parts, MIT for the rest; used unchanged",
    "namex": "states no licence in its metadata; its LICENSE says Apache-2.0",
}
# Libraries under a copyleft licence inside wheels, by the package that brings them.
COPYLEFT_LIBRARY = re.compile(r"lib(?:avcodec|avformat|avutil|swresample|swscale|gfortran|quadmath|gomp|x264|x265)\b")
BUNDLED = {
    "opencv_python_headless": "FFmpeg, LGPL-2.1: separate files that can be exchanged, no video is read here; libgfortran",
    "numpy": "libgfortran, libquadmath: GPL-3.0 or LGPL with the exception for programs that GCC compiles",
    "scipy": "libgfortran, libquadmath: the same exception",
    "scikit_learn": "libgomp: the same exception",
    "imagecodecs": "libgomp: the same exception",
}


def lock_text(name: str) -> str:
    return (PROJECT_ROOT / f"{name}.lock").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Version of each package of a lock file."""
    return {canonicalize_name(package): version for package, version in PIN.findall(lock_text(name))}


def required(name: str) -> Iterator[Requirement]:
    """The lines of a requirements file, and of those it includes."""
    for line in (PROJECT_ROOT / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from required(line.removeprefix("-r ").removesuffix(".txt"))
        elif line and not line.startswith("#"):
            yield Requirement(line)


def installed_here(lock: str) -> list[Distribution]:
    """The packages of a lock file that this platform needs, as they are installed."""
    wanted = [Requirement(line) for line in MARKED_PIN.findall(lock_text(lock))]
    return [distribution(one.name) for one in wanted if one.marker is None or one.marker.evaluate()]


def licences(package: Distribution) -> set[str]:
    """What a package says of its licence, in words of SPDX where they are known."""
    facts = package.metadata
    classified = [line.split(" :: ")[-1] for line in facts.get_all("Classifier") or () if line.startswith("License ::")]
    said = facts.get("License-Expression") or " AND ".join(classified) or facts.get("License") or "none stated"
    return {OTHER_WORDS.get(word.strip("() "), word.strip("() ")) for word in re.split(r" AND | OR ", said)}


def tool(name: str) -> ModuleType:
    """A script of `.ci`."""
    spec = importlib.util.spec_from_file_location(name, PROJECT_ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_has_each_requirement_in_its_range(name):
    locked = pins(name)
    missing = [
        str(one) for one in required(name) if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"))
    ]
    assert missing == [], "run `make lock`"


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_has_no_package_that_nothing_requires(name):
    asked_for = {canonicalize_name(one.name) for one in required(name)}
    blocks = re.split(r"\n(?=\S)", lock_text(name))
    direct = {
        canonicalize_name(PIN.match(block)[1])
        for block in blocks
        if re.search(r"^ +# +(via )?-r ", block, re.MULTILINE)
    }
    assert direct == asked_for, "run `make lock`"
    assert all("# via" in block or "#   " in block for block in blocks if PIN.match(block))


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_lock_names_versions_and_hashes_and_no_place_to_get_them_from(name):
    blocks = [block for block in re.split(r"\n(?=\S)", lock_text(name)) if not block.startswith("#")]
    assert all(PIN.match(block) and "--hash=sha256:" in block for block in blocks)
    assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted-host| @ ", lock_text(name))


@pytest.mark.parametrize("name", [name for name in REQUIREMENTS if name not in ("requirements", "requirements-supply")])
def test_other_locks_keep_to_the_versions_of_the_app(name):
    of_the_app, theirs = pins("requirements"), pins(name)
    assert {package: theirs.get(package) for package in of_the_app if package in theirs} == {
        package: version for package, version in of_the_app.items() if package in theirs
    }


def test_every_package_that_runs_has_a_permissive_licence_or_a_named_exception():
    unknown = {
        one.name: sorted(licences(one) - PERMISSIVE)
        for one in installed_here("requirements")
        if not licences(one) <= PERMISSIVE
    }
    assert set(unknown) == set(EXCEPTIONS), unknown


def test_copyleft_libraries_inside_packages_are_named():
    names = {canonicalize_name(one.name) for one in installed_here("requirements")}
    found = {
        one.name.replace("-", "_")
        for one in distributions()
        if canonicalize_name(one.name) in names and any(COPYLEFT_LIBRARY.match(file.name) for file in one.files or ())
    }
    # Wheels of other platforms bring others.
    assert found <= set(BUNDLED)


def test_a_package_that_is_not_there_is_an_error_and_not_passed_over(monkeypatch):
    monkeypatch.setitem(globals(), "lock_text", lambda name: "no-such-package==1.0 \\\n    --hash=sha256:00\n")
    with pytest.raises(PackageNotFoundError, match="no-such-package"):
        installed_here("requirements")


def test_packages_that_no_service_knows_count_as_not_checked():
    audit = tool("audit_packages")
    nothing = json.dumps({"dependencies": [{"name": "numpy", "skip_reason": "not found"}]})
    assert audit.read_answer(nothing) is audit.read_answer("") is None
    assert audit.lines("requirements.lock", None) == [
        "requirements.lock: not checked. No service that knows vulnerabilities can be reached from here."
    ]


def test_a_known_vulnerability_is_named_with_the_version_that_mends_it(monkeypatch, capsys):
    audit = tool("audit_packages")
    package = {"name": "pillow", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
    answer = audit.read_answer(json.dumps({"dependencies": [package, {"name": "other", "skip_reason": "not found"}]}))
    monkeypatch.setattr(audit, "ask", lambda lock, service: answer)
    assert audit.main(["requirements.lock"]) == 1
    said = capsys.readouterr().out
    assert "1 packages looked up, 1 known vulnerabilities" in said
    assert "pillow 1.0: PYSEC-1, mended in 1.1" in said
    assert "not looked up: other" in said


def test_bill_of_materials_keeps_what_is_locked_and_adds_the_weights():
    bill = tool("bill_of_materials")
    parts = [{"name": "NumPy", "bom-ref": "numpy"}, {"name": "pytest", "bom-ref": "pytest"}]
    links = [{"ref": "numpy", "dependsOn": ["pytest"]}, {"ref": "pytest"}]
    kept = bill.only({"components": parts, "dependencies": links}, bill.locked_names(lock_text("requirements")))
    assert [part["name"] for part in kept["components"]] == ["NumPy"]
    assert kept["dependencies"] == [{"ref": "numpy", "dependsOn": []}]
    assert bill.weights()["hashes"][0]["content"] in (PROJECT_ROOT / "covidlab/assets/README.md").read_text()
