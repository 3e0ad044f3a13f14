"""`tools/bench-peers contention`, `isa` and `two-sessions`: the engine against itself."""

import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys

from cases import CASES
from environment import build
from page import circumstances, processors, publish, table
from worker import EngineFailed, Worker, take_turns

# At most this many times the quiet latency; at least these parts of the other side's speed.
TARGETS = {"contention": 2.3, "isa": 0.75, "two-sessions": 0.95}
BURN = "import os, sys\nos.sched_setaffinity(0, {int(sys.argv[1])})\nwhile True: pass"


def serve(program, case, options, name, environment=None):
    command = [program, "serve", case.network, case.size, 1, options.threads, options.precision]
    worker = Worker(name, command, environment)
    if worker.missing:
        worker.stop()
        sys.exit(f"{name}: {worker.missing}")
    return worker


@contextlib.contextmanager
def burner():
    """A process that keeps the last core busy, stopped at first."""
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("contention needs a system that can pin a process to a core")
    core = max(os.sched_getaffinity(0))
    process = subprocess.Popen([sys.executable, "-c", BURN, str(core)])
    process.send_signal(signal.SIGSTOP)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def cells(times):
    return f"{statistics.median(times):.1f} / {min(times):.1f}"


def contention(program, case, options):
    quiet, busy = [], []
    with burner() as neighbour, serve(program, case, options, "xrayzoo") as worker:
        for _ in range(options.rounds):
            for times, number in ((quiet, signal.SIGSTOP), (busy, signal.SIGCONT)):
                neighbour.send_signal(number)
                worker.times = []
                worker.turn(options.runs)
                times += worker.times
    ratio = statistics.median(busy) / statistics.median(quiet)
    return [cells(quiet), cells(busy), f"{ratio:.2f}"], {"quiet": quiet, "busy": busy}


def isa(program, case, options):
    with contextlib.ExitStack() as processes:
        workers = [
            processes.enter_context(serve(program, case, options, name, {"ZOO_ISA": name}))
            for name in ("avx2", "avx512")]
        take_turns(workers, options.rounds, options.runs)
    avx2, avx512 = workers
    ratio = avx512.median / avx2.median
    return ([cells(avx2.times), cells(avx512.times), f"{ratio:.2f}"],
            {worker.name: worker.times for worker in workers})


def two_sessions(program, case, options):
    command = [program, "sessions", case.network, "--size", case.size, "--precision",
               options.precision, "--threads", options.threads, "--rounds", options.rounds,
               "--images", 2 * options.runs]
    found = subprocess.run(
        [str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(found.stdout)
    return [
        f"{found['oneSessionImagesPerSecond']:.1f}", f"{found['twoSessionsImagesPerSecond']:.1f}",
        f"{found['ratio']:.2f}",
    ], found


DUELS = {
    "contention": (
        contention, ["alone", "with a busy neighbour", "ratio"],
        "Median / minimum in milliseconds, alone and beside a process that never rests, pinned to "
        "one core; the ratio of the medians is to be at most"),
    "isa": (
        isa, ["AVX2", "AVX-512", "speed of AVX2"],
        "Median / minimum in milliseconds; the speed of the AVX2 variant, as a part of the "
        "AVX-512 variant's, is to be at least"),
    "two-sessions": (
        two_sessions, ["one session", "two sessions", "ratio"],
        "Images a second, from one session and from two on threads of their own, each set to all "
        "cores; the ratio is to be at least"),
}


def run(options):
    options.threads = options.threads or processors()
    if options.quick:
        options.rounds, options.runs = min(options.rounds, 3), min(options.runs, 2)
    program = build("benchmarks", "tools/Benchmarks")
    duel, columns, words = DUELS[options.command]
    lines, numbers = [], {}
    for name in options.models:
        case = next(case for case in CASES if case.name == name and case.batch == 1)
        try:
            row, numbers[name] = duel(program, case, options)
        except EngineFailed as error:
            sys.exit(str(error))
        except subprocess.CalledProcessError as error:
            sys.exit(f"{' '.join(error.cmd)} failed")
        lines.append([name, options.precision, *row])
    head = circumstances(
        f"{options.threads} threads", f"{options.rounds} rounds of {options.runs} counted runs")
    if options.json:
        options.json.write_text(json.dumps({"circumstances": head, "numbers": numbers}) + "\n")
    publish(options.command, "\n\n".join([
        head, f"{words} {TARGETS[options.command]}.",
        table(["network", "precision", *columns], lines)]), options.write)
