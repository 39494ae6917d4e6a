"""A real Mosquitto with persistence, and a client that publishes to it."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from waiting import wait_for

PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Mosquitto:
    """A broker on a free port; it keeps its messages in its folder when it is killed."""

    def __init__(self, folder: Path, *lines: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._file = folder / "mosquitto.conf"
        settings = [
            f"listener {self.port} 127.0.0.1",
            f"user {getpass.getuser()}",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            *(lines or ["allow_anonymous true"]),
        ]
        self._file.write_text("\n".join(settings) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        """Run it and wait until it listens."""
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self._file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(self._listens, 10)
        return self

    def kill(self) -> None:
        """End it in the middle of everything. It writes down what it has taken, as it promises for
        SIGTERM only: what it loses in a crash was never ours to keep."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)

    def stop(self) -> None:
        """End it if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


def password_file(folder: Path, user: str, password: str) -> Path:
    """A file that lets in one user."""
    file = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", file, user, password], check=True)
    file.chmod(0o644)
    return file


class Publisher:
    """Publishes, and says how much of it the broker has taken."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311
        )
        self.client.max_queued_messages_set(0)
        if user is not None:
            self.client.username_pw_set(user, password)
        self.client.reconnect_delay_set(1, 1)
        self.acknowledged = 0
        self.client.on_publish = self._count
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def say(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish one message."""
        self.client.publish(topic, payload, qos, retain)

    def wait(self, count: int) -> None:
        """Until so many were taken."""
        wait_for(lambda: self.acknowledged >= count)

    def close(self) -> None:
        """End."""
        self.client.disconnect()
        self.client.loop_stop()

    def _count(self, *_details: object) -> None:
        self.acknowledged += 1
