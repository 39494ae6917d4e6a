"""The configuration file, and the server's own opinion of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jalon.adapters.broker.config import configuration, stream_config
from jalon.adapters.broker.process import find_server
from jalon.adapters.broker.settings import Account, BrokerSettings, Ports


def settings(folder: Path, *accounts: Account) -> BrokerSettings:
    return BrokerSettings(folder, accounts=accounts)


def test_the_server_accepts_what_we_write(tmp_path: Path) -> None:
    odd = Account('d"é\\ #{}', 'p"$x\\ é]', ["v1/+/telemetry"], ["v1/x/cmd/#"])
    nothing = Account("closed", "p")
    file = tmp_path / "nats.conf"
    for text in (
        configuration(settings(tmp_path, odd, nothing), None, "secret", True),
        configuration(settings(tmp_path), Ports(1, 2, 3), "secret", False),
    ):
        file.write_text(text, "utf-8")
        check = subprocess.run(
            [find_server(), "-t", "-c", file], capture_output=True, text=True, check=False
        )
        assert check.returncode == 0, check.stderr


def test_ports_of_an_earlier_run_are_kept(tmp_path: Path) -> None:
    text = configuration(settings(tmp_path), Ports(1001, 1002, 1003), "secret", True)
    for port in (1001, 1002, 1003):
        assert f"port: {port}" in text
    assert "1883" not in text


def test_a_command_filter_opens_the_topic_itself_too(tmp_path: Path) -> None:
    text = configuration(
        settings(tmp_path, Account("d", "p", [], ["v1/d/cmd/#"])), None, "secret", True
    )
    assert '"v1.d.cmd",' in text
    assert '"v1.d.cmd.>"' in text


@pytest.mark.parametrize(
    "account",
    [
        Account("d", ""),
        Account("d", "$2a$10$abcdefghijklmnopqrstuv"),
        Account("d", "line\nbreak"),
        Account("d\n}", "p"),
        Account("d", "p", ["v1/#/x"]),
        Account("d", "p", [], ["v1/a b"]),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, account: Account) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - several kinds of sentence
        configuration(settings(tmp_path, account), None, "secret", True)
    assert "$2a" not in str(refusal.value)


def test_a_full_stream_refuses_and_nothing_expires(tmp_path: Path) -> None:
    config = stream_config(BrokerSettings(tmp_path, stream_bytes=1234))
    assert (config["discard"], config["retention"]) == ("new", "limits")
    assert (config["max_bytes"], config["max_age"]) == (1234, 0)
