"""Files reach a folder, and a bucket of a real S3 server, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from bad_peers import free_port
from moto.server import ThreadedMotoServer

from jalon.adapters.sinks.places import Access, Folder, S3Bucket
from jalon.run.integrations.ports import SinkDown

KEYS = {"aws_access_key_id": "jalon", "aws_secret_access_key": "s3cr3t-key"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks S3, with the bucket `values`."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    url = f"http://127.0.0.1:{port}"
    boto3.client("s3", endpoint_url=url, region_name="us-east-1", **KEYS).create_bucket(
        Bucket="values"
    )
    yield url
    server.stop()


def stored(endpoint: str, key: str) -> bytes:
    """What lies in the bucket, read by Amazon's own client."""
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **KEYS)
    content: bytes = client.get_object(Bucket="values", Key=key)["Body"].read()
    return content


def access(endpoint: str) -> Access:
    """The bucket, below a prefix."""
    return Access(endpoint, "values", "us-east-1", "iot/", "jalon", "s3cr3t-key")


def test_a_file_reaches_the_bucket_and_replaces_the_one_before(
    endpoint: str, tmp_path: Path
) -> None:
    bucket = S3Bucket(access(endpoint))
    file = tmp_path / "day.csv"
    for content in (b"first", b"second"):
        file.write_bytes(content)
        assert bucket.put("a b/day.csv", file) == "s3://values/iot/a b/day.csv"
        assert stored(endpoint, "iot/a b/day.csv") == content


def test_a_long_file_goes_in_parts(endpoint: str, tmp_path: Path) -> None:
    file = tmp_path / "long.parquet"
    file.write_bytes(os.urandom(20 * 1024 * 1024))
    S3Bucket(access(endpoint)).put("long.parquet", file)
    assert stored(endpoint, "iot/long.parquet") == file.read_bytes()


def test_a_bucket_that_is_not_there_is_told_without_the_keys(endpoint: str, tmp_path: Path) -> None:
    missing = S3Bucket(replace(access(endpoint), bucket="nowhere"))
    with pytest.raises(SinkDown, match="nowhere") as down:
        missing.check()
    assert "s3cr3t" not in str(down.value)
    assert S3Bucket(access(endpoint)).check() == "s3://values/iot/"


def test_a_service_that_is_away_is_told(tmp_path: Path) -> None:
    away = S3Bucket(access(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(SinkDown):
        away.check()


def test_a_folder_gets_whole_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"values")
    folder = Folder(tmp_path / "exports")
    place = folder.put("2026/day.csv", source)
    assert Path(place).read_bytes() == b"values"
    assert [one.name for one in (tmp_path / "exports" / "2026").iterdir()] == ["day.csv"]
    (tmp_path / "blocked").write_text("a file")
    with pytest.raises(SinkDown, match="cannot be written"):
        Folder(tmp_path / "blocked").check()
