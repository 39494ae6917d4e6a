"""Where files go: a folder, or a bucket of a service that speaks S3."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from jalon.run.integrations.ports import SinkDown
from jalon.vocab.text import N_, Text

if TYPE_CHECKING:
    from obstore.store import S3Config

_TRY = "jalon-was-here.txt"
_PART_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine; made on demand. See `Bucket`."""

    path: Path

    def put(self, name: str, path: Path) -> str:
        target = self.path / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}")
            try:
                with os.fdopen(handle, "wb") as file, path.open("rb") as source:
                    while chunk := source.read(_PART_BYTES):
                        file.write(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                Path(part).chmod(0o640)
                Path(part).replace(target)
            finally:
                Path(part).unlink(missing_ok=True)
        except OSError as error:
            text = N_("The file {path} cannot be written: {reason}")
            raise SinkDown(Text(text, {"path": str(target), "reason": str(error)})) from error
        return str(target)

    def check(self) -> str:
        with tempfile.NamedTemporaryFile() as nothing:
            self.put(_TRY, Path(nothing.name))
        (self.path / _TRY).unlink(missing_ok=True)
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Access:
    """A bucket and who asks. `endpoint` is "" for Amazon's own service."""

    endpoint: str
    bucket: str
    region: str
    prefix: str
    access_key: str
    secret_key: str


class S3Bucket:
    """See `Bucket`. A file is uploaded in parts when it is long; it appears when it is whole."""

    def __init__(self, access: Access) -> None:
        self._access = access
        config: S3Config = {
            "bucket": access.bucket,
            "access_key_id": access.access_key,
            "secret_access_key": access.secret_key,
            "region": access.region,
        }
        if access.endpoint:
            config["endpoint"] = access.endpoint
        try:
            self._store = S3Store(
                config=config,
                client_options={
                    "allow_http": access.endpoint.startswith("http://"),
                    "timeout": timedelta(seconds=60),
                    "connect_timeout": timedelta(seconds=10),
                },
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
            )
        except (BaseError, ValueError) as error:
            raise self._down(error) from error

    def put(self, name: str, path: Path) -> str:
        key = self._key(name)
        try:
            obstore.put(self._store, key, path, chunk_size=_PART_BYTES)
        except (BaseError, OSError) as error:
            raise self._down(error) from error
        return f"s3://{self._access.bucket}/{key}"

    def check(self) -> str:
        key = self._key(_TRY)
        try:
            obstore.put(self._store, key, b"")
            obstore.delete(self._store, key)
        except (BaseError, OSError) as error:
            raise self._down(error) from error
        return f"s3://{self._access.bucket}/{self._access.prefix}"

    def _key(self, name: str) -> str:
        prefix = self._access.prefix.strip("/")
        return f"{prefix}/{name}" if prefix else name

    def _down(self, error: Exception) -> SinkDown:
        # What the library says repeats itself below the first lines.
        reason = " ".join(str(error).split("\n\nDebug source")[0].split())
        for secret in (self._access.secret_key, self._access.access_key):
            reason = reason.replace(secret, "…")
        text = N_("The bucket {bucket} takes no files: {reason}")
        return SinkDown(Text(text, {"bucket": self._access.bucket, "reason": reason[:500]}))
