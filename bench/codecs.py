"""JavaScript codecs: frames a second through the sandbox, against doing the same otherwise."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from bench.report import Figure, Goal, Tell, median
from jalon.adapters.sandbox import Sandbox, ScriptCodec
from jalon.run.codecs.codec import Frame, Output

PART = "codecs"
CODEC = """
function signed(bytes, at) {
  var value = bytes[at] << 8 | bytes[at + 1];
  return value > 0x7fff ? value - 0x10000 : value;
}
function decodeUplink(input) {
  var bytes = input.bytes, data = {}, warnings = [], at = 0;
  if (input.fPort !== 1) return { errors: ["port " + input.fPort + " is not known"] };
  while (at < bytes.length) {
    var type = bytes[at++];
    switch (type) {
      case 1: data.temperature = signed(bytes, at) / 10; at += 2; break;
      case 2: data.humidity = bytes[at++]; break;
      case 3: data.co2 = bytes[at] << 8 | bytes[at + 1]; at += 2; break;
      case 4: data.battery = (bytes[at] << 8 | bytes[at + 1]) / 1000; at += 2; break;
      case 5: data.motion = bytes[at++] !== 0; break;
      default: return { errors: ["type " + type + " is not known"] };
    }
  }
  if (data.battery < 3.2) warnings.push("battery is low");
  return { data: data, warnings: warnings };
}
"""
FRAME = Frame(bytes.fromhex("0100d702300302580400e40501"), 1, 1_700_000_000_000)
LOOP = "function decodeUplink(input) { for (;;); }"
_GOAL = Goal(5_000)
_MANY = 100

_NODE = """
const vm = require("vm");
const [source, hex, count] = [process.argv[1], process.argv[2], Number(process.argv[3])];
const script = new vm.Script(source + ";JSON.stringify(decodeUplink(input))");
const bytes = Array.from(Buffer.from(hex, "hex"));
const run = () => {
  const input = { bytes, fPort: 1, recvTime: new Date() };
  return script.runInNewContext({ input }, { timeout: 100 });
};
run();
const begin = process.hrtime.bigint();
for (let at = 0; at < count; at++) run();
console.log(Number(process.hrtime.bigint() - begin) / 1e9);
"""
"""What an integrator of vendors' codecs does with Node.js: a new context for every call."""


def run(frames: int, rounds: int, tell: Tell) -> list[Figure]:
    """Decode the same frames in every way."""
    tell(f"{PART}: {frames} frames of a small codec")
    with Sandbox() as sandbox:
        begin = time.perf_counter()
        codec = sandbox.script("one", CODEC)
        codec.check()
        first_ms = (time.perf_counter() - begin) * 1000
        one = [_rate(codec, frames) for _ in range(rounds)]
        many = [_many(sandbox, frames) for _ in range(rounds)]
        single = [_single(codec, frames // 10) for _ in range(rounds)]
        looping = _looping(sandbox)
        memory = _memory_mb(sandbox)
    figures = [
        median(PART, "batches, one codec", one, "frames/s", _GOAL),
        median(PART, f"batches, {_MANY} codecs in turn", many, "frames/s"),
        median(PART, "one frame at a time", single, "frames/s"),
        looping,
        Figure(PART, "first use, child process and all", first_ms, "ms"),
        Figure(PART, f"memory of the child, {_MANY} codecs", memory, "MB"),
    ]
    node = shutil.which("node")
    if node:
        peer = [_node(node, max(100, frames // 20)) for _ in range(rounds)]
        figures.append(median(PART, "peer: Node.js vm, a context a call", peer, "frames/s"))
        ratio = statistics.median(one) / statistics.median(peer)
        figures.append(Figure(PART, "against that peer", ratio, "×"))
    return figures


def _rate(codec: ScriptCodec, frames: int) -> float:
    begin = time.perf_counter()
    results = codec.decode([FRAME] * frames)
    took = time.perf_counter() - begin
    assert all(isinstance(result, Output) for result in results)
    return frames / took


def _many(sandbox: Sandbox, frames: int) -> float:
    """Batches of ten frames for each of many codecs, as many types of devices give."""
    codecs = [sandbox.script(str(at), f"{CODEC}// {at}") for at in range(_MANY)]
    for codec in codecs:
        codec.decode([FRAME] * 5)
    turns = max(1, frames // (10 * _MANY))
    begin = time.perf_counter()
    for _ in range(turns):
        for codec in codecs:
            codec.decode([FRAME] * 10)
    return turns * 10 * _MANY / (time.perf_counter() - begin)


def _single(codec: ScriptCodec, frames: int) -> float:
    begin = time.perf_counter()
    for _ in range(frames):
        codec.decode([FRAME])
    return frames / (time.perf_counter() - begin)


def _looping(sandbox: Sandbox) -> Figure:
    codec = sandbox.script("loop", LOOP)
    before, begin = _cpu_ms(sandbox), time.perf_counter()
    codec.decode([FRAME])
    took = (time.perf_counter() - begin) * 1000
    used = _cpu_ms(sandbox) - before
    note = f"of CPU; {took:.0f} ms by the clock on the wall"
    goal = Goal(100, at_most=True)
    return Figure(PART, "a frame that never ends costs", used, "ms", goal, note=note)


def _cpu_ms(sandbox: Sandbox) -> float:
    fields = Path(f"/proc/{sandbox.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _memory_mb(sandbox: Sandbox) -> float:
    pages = int(Path(f"/proc/{sandbox.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _node(program: str, frames: int) -> float:
    command = [program, "-e", _NODE, CODEC, FRAME.payload.hex(), str(frames)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return frames / float(said)
