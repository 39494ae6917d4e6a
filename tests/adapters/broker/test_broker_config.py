"""The configuration file, and the server's own opinion of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jalon.adapters.broker.config import Secrets, configuration, stream_config
from jalon.adapters.broker.nkeys import AccountKey
from jalon.adapters.broker.process import find_server
from jalon.adapters.broker.settings import BrokerSettings, Ports

SECRETS = Secrets("secret", AccountKey.generate().public)


def test_the_server_accepts_what_we_write(tmp_path: Path) -> None:
    file = tmp_path / 'd"é #{}' / "nats.conf"
    file.parent.mkdir()
    settings = BrokerSettings(file.parent)
    for text in (
        configuration(settings, None, SECRETS, True),
        configuration(settings, Ports(1, 2, 3), SECRETS, False),
    ):
        file.write_text(text, "utf-8")
        check = subprocess.run(
            [find_server(), "-t", "-c", file], capture_output=True, text=True, check=False
        )
        assert check.returncode == 0, check.stderr


def test_ports_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    text = configuration(BrokerSettings(tmp_path), Ports(1001, 1002, 1003), SECRETS, True)
    for port in (1001, 1002, 1003):
        assert f"port: {port}" in text
    assert "1883" not in text


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="control character"):
        configuration(BrokerSettings(tmp_path / "a\nb"), None, SECRETS, True)


def test_a_full_stream_refuses_and_nothing_expires(tmp_path: Path) -> None:
    config = stream_config(BrokerSettings(tmp_path, stream_bytes=1234))
    assert (config["discard"], config["retention"]) == ("new", "limits")
    assert (config["max_bytes"], config["max_age"]) == (1234, 0)
