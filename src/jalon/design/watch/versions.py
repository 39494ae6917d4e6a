"""Which of two versions is older: semantic versions, PEP 440 and Debian's, as far as they go.

What cannot be ordered by its scheme is not guessed: the answer is None.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from jalon.design.spec.watched import Affected, Scheme, VersionRange

_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_PEP440 = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?"
    r"(?:[-_.]?(post|rev|r)[-_.]?(\d*)|-(\d+))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+[a-z0-9.]+)?"
)
_PHASES = {"a": -3, "alpha": -3, "b": -2, "beta": -2, "c": -1, "rc": -1, "pre": -1, "preview": -1}
_FINAL = (0, 0)
Key = tuple[object, ...]


def is_affected(affected: Affected, version: str) -> bool | None:
    """Whether a version is among those affected; None when that cannot be told."""
    if version in affected.versions:
        return True
    if not version:
        return None
    answers = [_inside(one, version, affected.scheme) for one in affected.ranges]
    if True in answers:
        return True
    if None in answers or not (answers or affected.versions):
        return None
    return False


def _inside(span: VersionRange, version: str, scheme: Scheme) -> bool | None:
    if span.introduced not in ("", "0"):
        since = compare(version, span.introduced, scheme)
        if since is None or since < 0:
            return None if since is None else False
    if span.fixed:
        until = compare(version, span.fixed, scheme)
        return None if until is None else until < 0
    if span.last:
        until = compare(version, span.last, scheme)
        return None if until is None else until <= 0
    return True


def compare(one: str, other: str, scheme: Scheme) -> int | None:
    """Negative when `one` is the older, 0 when they are equal; None when that cannot be told."""
    if scheme is Scheme.DEB:
        return _deb(one, other)
    key = {Scheme.SEMVER: _semver, Scheme.PEP440: _pep440}.get(scheme)
    if key is None:
        return 0 if one == other else None
    first, second = key(one), key(other)
    if first is None or second is None:
        return None
    return (first > second) - (first < second)


def _semver(text: str) -> Key | None:
    found = _SEMVER.fullmatch(text.strip())
    if found is None:
        return None
    numbers = tuple(int(part or 0) for part in found.groups()[:3])
    if found[4] is None:
        return (*numbers, 1, ())
    early = tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in found[4].split("."))
    return (*numbers, 0, early)


def _pep440(text: str) -> Key | None:
    found = _PEP440.fullmatch(text.strip().lower())
    if found is None:
        return None
    epoch, release, phase, phase_number, post, post_number, dash, dev, dev_number = found.groups()
    numbers = [int(part) for part in release.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    before = (_PHASES[phase], int(phase_number or 0)) if phase else _FINAL
    after = int(post_number or dash or 0) + 1 if post or dash else 0
    if dev and not phase and not after:
        before = (-4, 0)
    last = (0, int(dev_number or 0)) if dev else (1, 0)
    return (int(epoch or 0), tuple(numbers), before, after, last)


def _deb(one: str, other: str) -> int:
    """Debian Policy 5.6.12: epoch, upstream version, revision."""
    for first, second in zip(_deb_parts(one), _deb_parts(other), strict=True):
        if found := _deb_compare(first, second):
            return found
    return 0


def _deb_parts(text: str) -> tuple[str, str, str]:
    epoch, colon, rest = text.strip().partition(":")
    if not colon:
        epoch, rest = "0", text.strip()
    upstream, dash, revision = rest.rpartition("-")
    return epoch, upstream if dash else rest, revision if dash else "0"


def _deb_compare(one: str, other: str) -> int:
    """Runs of what is no digit, then runs of digits, in turn; `~` sorts before everything."""
    for first, second in zip_longest(
        re.findall(r"(\D*)(\d*)", one), re.findall(r"(\D*)(\d*)", other), fillvalue=("", "")
    ):
        words = [[_deb_rank(char) for char in part[0]] + [0] for part in (first, second)]
        if words[0] != words[1]:
            return 1 if words[0] > words[1] else -1
        left, right = int(first[1] or 0), int(second[1] or 0)
        if left != right:
            return 1 if left > right else -1
    return 0


def _deb_rank(char: str) -> int:
    if char == "~":
        return -1
    return ord(char) if char.isalpha() else ord(char) + 256
