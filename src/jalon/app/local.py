"""What the commands on this machine know of a running solution: its ports and its operator token.

Both lie in the solution's `.jalon` folder, readable by its owner only.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from jalon.vocab.errors import UsageError
from jalon.vocab.text import N_, Text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a listener waits; with `tls` it speaks only encrypted."""

    host: str
    port: int
    tls: bool = False

    @property
    def near(self) -> str:
        """The address by which this machine reaches it."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104

    def seen_from(self, name: str) -> str:
        """The address for whoever calls this machine `name`: that name, when all of the machine's
        addresses are listened on."""
        return self.host if self.near == self.host else name or self.near


@dataclass(frozen=True, slots=True)
class RunFile:
    """`.jalon/run.json`, written by `jalon up` when it is ready and removed when it stops.

    At `certificates` devices connect over MQTT with a certificate of their own; only with TLS.
    """

    pid: int
    http: Endpoint
    mqtt: Endpoint
    websocket: Endpoint | None = None
    certificates: Endpoint | None = None

    @property
    def url(self) -> str:
        """The API's address without a final slash."""
        near = self.http.near
        host = f"[{near}]" if ":" in near else near
        return f"{'https' if self.http.tls else 'http'}://{host}:{self.http.port}"


def data_folder(folder: Path) -> Path:
    """The solution's run-time data, made on demand; open to its owner only."""
    path = folder / ".jalon"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_run(folder: Path, run: RunFile) -> None:
    """Tell the other commands that the solution runs."""
    content = asdict(run) | {"started": started(run.pid)}
    write_private(data_folder(folder) / "run.json", json.dumps(content).encode())


def clear_run(folder: Path) -> None:
    """Tell the other commands that the solution has stopped."""
    (folder / ".jalon" / "run.json").unlink(missing_ok=True)


def read_run(folder: Path) -> RunFile | None:
    """The run file of a solution that runs now; None when it is not running.

    A file left by a process that died is not believed, nor when its number was given again.
    """
    try:
        found = json.loads((folder / ".jalon" / "run.json").read_bytes())
        run = RunFile(
            pid=int(found["pid"]),
            http=_endpoint(found["http"]),
            mqtt=_endpoint(found["mqtt"]),
            websocket=_endpoint(found["websocket"]) if found.get("websocket") else None,
            certificates=_endpoint(found["certificates"]) if found.get("certificates") else None,
        )
        alive = is_process(run.pid, str(found["started"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return run if alive else None


def require_run(folder: Path) -> RunFile:
    """The run file; UsageError telling to start the solution when it is not running."""
    run = read_run(folder)
    if run is None:
        raise UsageError(
            Text(
                N_("{folder} is not running. Start it with: jalon up {folder}"),
                {"folder": str(folder)},
            )
        )
    return run


def operator_token(folder: Path) -> str:
    """The bearer token with which this machine's commands use the API; made on first use."""
    return secret(folder, "operator.token").hex()


def secret(folder: Path, name: str) -> bytes:
    """32 random bytes kept in `.jalon/secrets/<name>`, mode 0600, made on first use.

    Two processes asking at once get the same bytes.
    """
    path = data_folder(folder) / "secrets" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        write_private(path, secrets.token_hex(32).encode(), keep=True)
    return bytes.fromhex(path.read_text())


def _endpoint(found: dict[str, str | int]) -> Endpoint:
    return Endpoint(str(found["host"]), int(found["port"]), bool(found.get("tls")))


def started(pid: int) -> str:
    """When the process began, as the kernel counts; "" when it has ended, or the kernel does not
    tell. A process number that is given again begins at another time."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def is_process(pid: int, since: str) -> bool:
    """Whether the process that began at `since` (see `started`) is still there."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (ProcessLookupError, OverflowError):
        return False
    return started(pid) == since


def write_private(path: Path, content: bytes, *, keep: bool = False) -> None:
    """Write whole or not at all, mode 0600; with `keep` an existing file stays as it is."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if keep:
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(name)
        else:
            Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
