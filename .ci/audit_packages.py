"""Ask which locked packages have known vulnerabilities; says plainly where no service could be asked.

pip-audit gives status 0 and "no known vulnerabilities" where a mirror of the package index knows no package at all, so what
counts here is how many packages were really looked up. Exit status 1 for a vulnerability, 0 otherwise.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

SERVICES = ("pypi", "osv")
SECONDS = 300


@dataclass(frozen=True)
class Answer:
    """What a service said of a lock file: how many packages it knows, those it does not, what it found, a line each."""

    num_audited: int
    skipped: tuple[str, ...]
    found: tuple[str, ...]


def main(locks: Sequence[str]) -> int:
    """Print a line or more for each lock file; return the exit status."""
    is_clean = True
    for lock in locks:
        answer = next(filter(None, (ask(lock, service) for service in SERVICES)), None)
        print("\n".join(lines(lock, answer)))
        is_clean &= answer is None or not answer.found
    return 0 if is_clean else 1


def ask(lock: str, service: str) -> Answer | None:
    """Return what a service says; None where it cannot be asked."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip"]
    command += ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return read_answer(done.stdout)


def read_answer(text: str) -> Answer | None:
    """Return the answer in pip-audit's JSON; None where there is none, or where not one package was looked up."""
    try:
        packages = json.loads(text)["dependencies"]
    except (ValueError, LookupError, TypeError):
        return None
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        return None
    return Answer(
        num_audited=len(audited),
        skipped=tuple(package["name"] for package in packages if "skip_reason" in package),
        found=tuple(
            f"{package['name']} {package['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no version yet'}"
            for package in audited
            for known in package.get("vulns", ())
        ),
    )


def lines(lock: str, answer: Answer | None) -> list[str]:
    """What is printed of a lock file."""
    if answer is None:
        return [f"{lock}: not checked. No service that knows vulnerabilities can be reached from here."]
    said = [f"{lock}: {answer.num_audited} packages looked up, {len(answer.found)} known vulnerabilities."]
    if answer.skipped:
        said.append(f"{lock}: not looked up: {', '.join(answer.skipped)}.")
    return [*said, *answer.found]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
