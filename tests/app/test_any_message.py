"""Whatever a sender writes, the store takes what the intake makes of it: one message must never
keep those behind it waiting."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jalon.adapters.links.lorawan import codec as lorawan
from jalon.adapters.stores.duckdb import DuckdbStore
from jalon.app.ingest import newest
from jalon.run.admission import FUTURE_MS, Source, Target
from jalon.run.batch import RawBatch, Reason
from jalon.run.intake import Envelope, Intake, Wrapped
from jalon.run.live import LiveBoard
from jalon.run.ports import Point, SeriesSpec
from jalon.vocab.reading import ValueKind
from jalon.vocab.times import DAY_MS

NOW = 1_790_000_000_000
TOPIC = "v1/a/telemetry"
UPLINK = "application/1/device/70b3d57ed0000001/event/up"
KINDS = {
    "number": ValueKind.NUMBER,
    "switch": ValueKind.BOOLEAN,
    "text": ValueKind.TEXT,
    "place": ValueKind.LOCATION,
}

numbers = (
    st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([0, -0.0, 5e-324, 1.7e308, -1.7e308, 2**53 + 1, 2**64 - 1, -(2**63)])
)
times = (
    numbers
    | st.integers(NOW - DAY_MS, NOW + FUTURE_MS)
    | st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00", 1e300, -1])
)
texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["", "\0", "a\0b", "'"])
places = st.fixed_dictionaries(
    {"latitude": numbers | st.floats(-90, 90), "longitude": numbers | st.floats(-180, 180)},
    optional={"altitude": numbers | st.none()},
)
scalars = st.none() | st.booleans() | numbers | texts | places
units = st.sampled_from(["Cel", "K", "[degF]", "%", "m/s", "", "kg/kg"]) | texts
values = scalars | st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8
)
measured = values | st.fixed_dictionaries({"value": values, "unit": units | values})
objects = st.dictionaries(st.sampled_from([*KINDS, "other"]), measured, max_size=5).flatmap(
    lambda found: st.just(found) | times.map(lambda time: found | {"ts": time})
)
records = st.dictionaries(
    st.sampled_from(["bn", "bt", "bu", "bv", "n", "u", "v", "vs", "vb", "t", "s", "ut", "bver"]),
    scalars | times | st.sampled_from([*KINDS, "Cel", "degC"]),
)
uplinks = st.fixed_dictionaries(
    {"deviceInfo": st.just({"devEui": "70b3d57ed0000001"}), "object": objects | values},
    optional={
        "time": times | values,
        "fCnt": values,
        "data": values,
        "rxInfo": st.lists(st.dictionaries(st.sampled_from(["rssi", "snr", "gatewayId"]), values)),
    },
)
documents = (values | objects | st.lists(objects | records, max_size=5) | uplinks).map(orjson.dumps)
payloads = (
    documents
    | st.binary(max_size=50)
    | st.sampled_from(
        [
            b"[" * 2000 + b"]" * 2000,
            b"[" * 60_000,
            b'{"number": 1, "number": 2}',
            b'{"number": 1e999}',
            b'{"text": "\\ud800"}',
            b'{"number": 123456789012345678901234567890}',
            b'{"ts": 1e300, "number": 1}',
            b'{"' + b"n" * 60_000 + b'": 1}',
            b'{"text": "' + b"\\u0000" * 10_000 + b'"}',
            b'[{"n": "number", "t": 1e308, "v": 1}]',
        ]
    )
)


class Plant:
    """An intake with a property of each kind, and the real store behind it."""

    def __init__(self, store: DuckdbStore) -> None:
        self.store = store
        declared = store.declare(
            [SeriesSpec("a", n, kind, "Cel", "UTC") for n, kind in KINDS.items()]
        )
        self.kinds = {one.id: one.spec.kind for one in declared}
        source = Source(
            "a",
            {
                one.spec.property: Target(one.id, one.spec.kind, "Cel", -math.inf, math.inf)
                for one in declared
            },
        )
        envelope = Envelope(lorawan.is_uplink_topic, unwrap)
        self.intake = Intake({TOPIC: source}, {"70b3d57ed0000001": source}, [envelope])
        self.live = LiveBoard()


def unwrap(_topic: str, value: object) -> Wrapped:
    """As `routing` opens an uplink."""
    uplink = lorawan.decode(value)
    return Wrapped(uplink.dev_eui, dict(uplink.values or {}), time=uplink.time_ms)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with closing(DuckdbStore.open(tmp_path_factory.mktemp("store"))) as store:
        yield Plant(store)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from([TOPIC, UPLINK, "v1/x\ud800/telemetry"]), payloads)))
@example([(TOPIC, b'{"number": 1.7e308}'), (TOPIC, b'{"number": -5e-324, "text": "\\u0000"}')])
def test_nothing_that_decodes_is_refused_by_the_store(
    plant: Plant, sent: list[tuple[str, bytes]]
) -> None:
    topics, contents = [topic for topic, _ in sent], [content for _, content in sent]
    decoded = plant.intake.decode(RawBatch(topics, contents, [NOW] * len(sent)))

    appended = plant.store.append(decoded.columns, decoded.letters)
    plant.live.publish(newest(decoded.columns, plant.kinds))

    assert appended.stored + appended.duplicates == len(decoded.columns)
    assert not [letter for letter in decoded.letters if letter.reason is Reason.BUG]
    for one in plant.store.latest():
        assert plant.live.latest(one.series) is not None


def test_extreme_values_can_be_compacted_and_read_again(plant: Plant) -> None:
    far = (1.7e308, 1.7e308, -1.7e308, 5e-324, 2**64 - 1)
    extreme: list[dict[str, object]] = [{"number": number} for number in far]
    extreme += [{"text": text} for text in ("", "\0", "a\0b", "x" * 60_000)]
    extreme.append({"place": {"latitude": 5e-324, "longitude": -0.0, "altitude": 1.7e308}})
    sent = [{"ts": NOW - DAY_MS + row} | found for row, found in enumerate(extreme)]
    contents = [orjson.dumps(one) for one in sent]
    decoded = plant.intake.decode(RawBatch([TOPIC] * len(sent), contents, [NOW] * len(sent)))
    assert decoded.letters == []
    plant.store.append(decoded.columns)

    def everything() -> list[list[Point]]:
        return [plant.store.points(series, 0, NOW + DAY_MS) for series in plant.kinds]

    before = everything()
    plant.store.compact(NOW + 2 * DAY_MS)
    assert plant.store.size().hot_rows == 0
    assert everything() == before
    for series in plant.kinds:
        assert plant.store.buckets([series], NOW - 2 * DAY_MS, NOW + DAY_MS, DAY_MS)
