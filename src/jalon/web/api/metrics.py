"""Counters for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from jalon.run.ports import StoreSize
from jalon.web.context import Context, Ctx

router = APIRouter(tags=["operation"])


class RunningCollector(Collector):
    """Reads the running solution when it is asked; keeps nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        """Counters since start, then gauges."""
        counters = self._context.running.counters
        for name, help_text, value in (
            ("jalon_messages", "Messages taken in.", counters.messages),
            ("jalon_readings", "Readings stored.", counters.readings),
            ("jalon_duplicates", "Readings that were known already.", counters.duplicates),
            ("jalon_late", "Readings older than the newest.", counters.late),
            ("jalon_out_of_range", "Readings outside the declared range.", counters.out_of_range),
            ("jalon_dropped_qos0", "QoS 0 messages dropped.", counters.dropped_qos0),
            ("jalon_batches", "Batches stored.", counters.batches),
            ("jalon_bugs", "Messages that met a bug of ours.", counters.bugs),
        ):
            yield CounterMetricFamily(name, help_text, value=value)
        refused = CounterMetricFamily("jalon_refused", "Refused, by reason.", labels=["reason"])
        for reason, count in list(counters.refused.items()):
            refused.add_metric([reason], count)
        yield refused
        size = self._context.running.store.size()
        yield CounterMetricFamily(
            "jalon_letters_dropped", "Dead letters lost to the cap.", value=size.letters_dropped
        )
        yield from self._gauges(size)

    def _gauges(self, size: StoreSize) -> Iterator[Metric]:
        running = self._context.running
        yield GaugeMetricFamily("jalon_backlog", "Messages waiting.", running.counters.backlog)
        yield GaugeMetricFamily("jalon_live_streams", "Pages watching.", len(self._context.hub))
        overview = self._context.presence.overview()
        devices = GaugeMetricFamily("jalon_devices", "Devices by state.", labels=["state"])
        for state in ("reporting", "silent", "never"):
            devices.add_metric([state], getattr(overview, state))
        yield devices
        letters = GaugeMetricFamily("jalon_letters", "Dead letters waiting.", labels=["reason"])
        for reason, count in running.store.letter_counts().items():
            letters.add_metric([reason], count)
        yield letters
        for what, hot, days in (
            ("rows", size.hot_rows, size.day_rows),
            ("bytes", size.hot_bytes, size.day_bytes),
        ):
            stored = GaugeMetricFamily(f"jalon_store_{what}", f"Stored {what}.", labels=["part"])
            stored.add_metric(["hot"], hot)
            stored.add_metric(["days"], days)
            yield stored
        ready = GaugeMetricFamily("jalon_part_ready", "1 when the part works.", labels=["part"])
        for part in running.parts():
            ready.add_metric([part.name], float(part.ready))
        yield ready


@router.get("/metrics", summary="Prometheus metrics", response_class=Response)
def metrics(context: Ctx) -> Response:
    """From this machine without an account; from elsewhere with an API token."""
    registry = CollectorRegistry()
    registry.register(RunningCollector(context))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
