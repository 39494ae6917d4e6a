"""Device classes: what a device says that it measures, by the words of Home Assistant."""

from __future__ import annotations

from functools import cache

from jalon.catalogues.catalogue import Catalogue, Catalogued, catalogue


class DeviceClass(Catalogued):
    """A device class and its names; `minimum` and `maximum` are what can be believed of it."""

    id: str
    fr: str
    en: str
    minimum: float | None = None
    maximum: float | None = None


class DeviceClasses(Catalogue):
    """`device_classes.yaml`."""

    classes: list[DeviceClass]


@cache
def _known() -> dict[str, DeviceClass]:
    return {one.id: one for one in catalogue("device_classes", DeviceClasses).classes}


def device_class(name: str) -> DeviceClass | None:
    """The class of this name; None for an unknown one."""
    return _known().get(name)
