"""Run the examples of public collections of LoRaWAN codecs through the sandbox.

    python -m bench.corpora FOLDER [--verbose]

FOLDER is a checkout of a device repository as The Things Stack has it (`vendor/*/*.yaml` with
examples) or of ChirpStack's device profiles (`vendors/*/codecs/test_*.json`). An example counts as
passed when the codec gives what the collection says it gives: the same JSON, where numbers may
differ by one part in 10⁹, and what is absent, null or an empty list is the same (the engines of
the collections write undefined as null).
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from jalon.adapters.sandbox import Sandbox
from jalon.adapters.sandbox.child import Call, Status

_TOLERANCE = 1e-9
_TIMES = 6
"""So often in a row, to reach the engine that is kept, and to see that no call changes the next."""
_FUNCTIONS = {
    "uplinkDecoder": "decode",
    "downlinkEncoder": "encode",
    "downlinkDecoder": "decode-downlink",
}


@dataclass(frozen=True, slots=True)
class Example:
    """What a codec's author says it gives for an input."""

    file: Path
    what: str
    name: str
    call: Call
    expected: Mapping[str, object]


class _Plain(yaml.SafeLoader):
    """YAML 1.2, as the collections are written in: only true and false are truth values."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:bool"]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def the_things_stack(folder: Path) -> Iterator[Example]:
    """The examples of a device repository; each codec once, however many devices use it."""
    seen: set[tuple[Path, str, bytes]] = set()
    for path in sorted(folder.glob("vendor/*/**/*.yaml")):
        read = yaml.load(path.read_text(), _Plain)
        said = orjson.loads(orjson.dumps(read, option=orjson.OPT_NON_STR_KEYS))
        for part, what in _FUNCTIONS.items():
            described = (said.get(part) if isinstance(said, dict) else None) or {}
            for one in described.get("examples") or ():
                for example in _described(path.parent / described["fileName"], what, one):
                    key = (
                        example.file,
                        example.what,
                        orjson.dumps([example.call, example.expected]),
                    )
                    if key not in seen:
                        seen.add(key)
                        yield example


def _described(file: Path, what: str, one: Mapping[str, object]) -> Iterator[Example]:
    name = str(one.get("description", ""))
    given, output = one["input"], one["output"]
    assert isinstance(given, dict)
    assert isinstance(output, dict)
    yield Example(file, what, name, _call(what, given), output)
    if (normalized := one.get("normalizedOutput")) and isinstance(normalized, dict):
        text = orjson.dumps(output).decode()
        yield Example(file, "normalize-only", name, (text, None, 0), normalized)


def chirpstack(folder: Path, sandbox: Sandbox) -> Iterator[Example]:
    """The tests of ChirpStack's device profiles: JavaScript values, though the files say JSON."""
    for file in sorted(folder.glob("vendors/*/codecs/*.js")):
        for what in ("decode", "encode"):
            path = file.with_name(f"test_{what}_{file.stem}.json")
            if not path.is_file():
                continue
            reader = f"function decodeUplink() {{ return {{ data: {path.read_text()} }} }}"
            status, text = sandbox.call(reader, "decode", [("", None, 0)])[0]
            if status is not Status.FINE:
                sys.stderr.write(f"{path}: {text!r}\n")
                continue
            for one in orjson.loads(text)["said"]["data"]:
                call = _call(what, one["input"])
                yield Example(file, what, one.get("name", ""), call, one["expected"])


def _call(what: str, given: Mapping[str, object]) -> Call:
    port = given.get("fPort")
    assert port is None or isinstance(port, int)
    if what == "encode":
        return orjson.dumps(given).decode(), port, 0
    numbers = given.get("bytes") or []
    assert isinstance(numbers, list)
    return bytes(one & 255 for one in numbers).decode("latin-1"), port, 0


def same(one: object, other: object) -> bool:
    """Whether two JSON values say the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = one.keys() | other.keys()
        return all(same(one.get(name), other.get(name)) for name in names)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-12)
    return one == other or (one in (None, []) and other in (None, []))


def run(folder: Path, *, verbose: bool) -> int:
    """Print what passed and what did not; the number of examples that did not."""
    passed: Counter[str] = Counter()
    failed: Counter[Path] = Counter()
    changing = 0
    with Sandbox() as sandbox:
        examples = [*the_things_stack(folder), *chirpstack(folder, sandbox)]
        for one in examples:
            answers = sandbox.call(one.file.read_text(), one.what, [one.call] * _TIMES)
            changing += len(set(answers)) > 1
            status, text = answers[-1]
            said = orjson.loads(text)["said"] if status is Status.FINE else None
            expected: Mapping[str, object] = one.expected
            if one.what == "normalize-only" and isinstance(said, dict):
                data = said.get("data")
                said["data"] = data if isinstance(data, list) or data is None else [data]
            if said is not None and same(said, expected):
                passed[one.what] += 1
                continue
            failed[one.file] += 1
            if verbose:
                gave = (
                    orjson.dumps(said).decode() if said is not None else f"{status.name} {text!r}"
                )
                name = one.file.relative_to(folder)
                wanted = orjson.dumps(expected).decode()
                sys.stdout.write(
                    f"\n{name} {one.what} {one.name}\n  wants {wanted}\n  gives {gave}\n"
                )
    vendors = {one.file.parent for one in examples}
    total = len(examples)
    share = sum(passed.values()) / total if total else 0.0
    sys.stdout.write(
        f"{sum(passed.values())} of {total} examples of {len(vendors)} vendors pass ({share:.2%});"
        f" by function: {dict(passed)}; {changing} change from call to call\n"
    )
    for file, count in failed.most_common():
        sys.stdout.write(f"  {count:4} {file.relative_to(folder)}\n")
    return sum(failed.values())


def main() -> int:
    """Exit code 1 when an example failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true", help="show every example that fails")
    chosen = parser.parse_args()
    return 1 if run(chosen.folder, verbose=chosen.verbose) else 0


if __name__ == "__main__":
    sys.exit(main())
