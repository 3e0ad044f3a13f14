"""`tools/bench-peers models`: whole networks, each engine in turns."""

import contextlib
import json
import pathlib
import subprocess
import sys

from cases import BOUNDS, CASES
from environment import build, cache
from load import ForeignLoad
from page import circumstances, processors, publish, table
from worker import EngineFailed, Worker, take_turns

HERE = pathlib.Path(__file__).resolve().parent
# Columns, and the engines whose better one is shown in each.
COLUMNS = {
    "XRayZoo": ["xrayzoo"],
    "PyTorch": ["pytorch", "pytorch-compiled"],
    "ONNX Runtime": ["onnxruntime"],
    "OpenVINO": ["openvino", "openvino-throughput"],
}
ENGINES = [name for names in COLUMNS.values() for name in names]
# Too slow to start for a quick look.
SLOW = ["pytorch-compiled"]


def command(engine, case, precision, threads, program):
    if engine == "xrayzoo":
        return [program, "serve", case.network, case.size, case.batch, threads, precision]
    return [sys.executable, HERE / "engines.py", engine, CASES.index(case), precision, threads]


def difference(worker, case):
    """The largest distance from PyTorch's scores, as a part of the largest score."""
    expected = json.loads(
        cache(f"{case.network}-{case.size}-{case.batch}.json").read_text())
    found = worker.ask("outputs")["outputs"]
    if len(found) != len(expected):
        return float("inf")
    largest = max(map(abs, expected))
    return max(abs(a - b) for a, b in zip(found, expected)) / largest


def is_right(worker, case, precision):
    """Whether it takes part: it is there and computes the same network."""
    if not worker.missing:
        worker.facts["difference"] = difference(worker, case)
        if not worker.facts["difference"] <= BOUNDS[precision]:
            worker.missing = f"its scores are {worker.facts['difference']:.1e} off"
    return not worker.missing


def measure(case, precision, options, program):
    """A row: what each engine did, by name."""
    names = [name for name in options.engines
             if name != "openvino-throughput" or case.batch > 1]
    workers = []
    with contextlib.ExitStack() as processes:
        for name in names:
            print(f"{case.title}, {precision}: starting {name}", file=sys.stderr, flush=True)
            worker = Worker(name, command(name, case, precision, options.threads, program))
            workers.append(processes.enter_context(worker))
        present = [worker for worker in workers if is_right(worker, case, precision)]
        with ForeignLoad([worker.pid for worker in present]) as others:
            take_turns(present, options.rounds, options.runs)
    return {
        "case": case.title, "precision": precision, "target": case.targets[precision],
        "coresTakenByOthers": others.cores,
        "engines": {worker.name: report(worker) for worker in workers},
    }


def report(worker):
    if worker.missing:
        return {"missing": worker.missing}
    return {
        **worker.facts, "medianMilliseconds": worker.median,
        "minimumMilliseconds": worker.minimum, "peakMegabytes": worker.peak_megabytes,
        "milliseconds": worker.times,
    }


def best(row, names, key="medianMilliseconds"):
    """The engine with the least, of those that took part."""
    present = [name for name in names if key in row["engines"].get(name, {})]
    return min(present, key=lambda name: row["engines"][name][key], default=None)


def ratio(row, key="medianMilliseconds"):
    """Ours as a part of the best peer's, or None where one of them is missing."""
    peer = best(row, ENGINES[1:], key)
    ours = row["engines"].get("xrayzoo", {})
    return ours[key] / row["engines"][peer][key] if peer and key in ours else None


def time_cells(row):
    for names in COLUMNS.values():
        name = best(row, names)
        if name is None:
            yield "–"
            continue
        found = row["engines"][name]
        _, _, variant = name.partition("-")
        cell = f"{found['medianMilliseconds']:.1f} / {found['minimumMilliseconds']:.1f}"
        yield f"{cell} {variant}".strip()
    value = ratio(row)
    yield "–" if value is None else f"{value:.2f}"
    yield f"{row['target']:.2f}"


def memory_cells(row):
    for names in COLUMNS.values():
        name = best(row, names)
        yield f"{row['engines'][name]['peakMegabytes']:.0f}" if name else "–"
    value = ratio(row, "peakMegabytes")
    yield "–" if value is None else f"{value:.2f}"


def facts(rows):
    """For each engine that took part: version, configuration and precisions."""
    found = {}
    for row in rows:
        for name, engine in row["engines"].items():
            if "missing" not in engine:
                key = (name, engine["version"])
                found.setdefault(key, {}).setdefault(engine["precision"], set()).add(
                    engine["configuration"])
    for (name, version), precisions in found.items():
        uses = "; ".join(f"{precision} ({' or '.join(sorted(words))})"
                         for precision, words in precisions.items())
        yield f"- {name}, {version}: {uses}"
    reasons = {(name, row["precision"], engine["missing"])
               for row in rows for name, engine in row["engines"].items() if "missing" in engine}
    for name, precision, reason in sorted(reasons):
        yield f"- {name} is missing in {precision}: {reason}"


def default_precision():
    """What OpenVINO computes in on this processor where it is not told."""
    code = ("import openvino; print(openvino.Core().get_property("
            "'CPU', 'INFERENCE_PRECISION_HINT').to_string())")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def text(rows, options):
    counts = [len(engine["milliseconds"]) for row in rows
              for engine in row["engines"].values() if "milliseconds" in engine]
    taken = [row["coresTakenByOthers"] for row in rows if row["coresTakenByOthers"] is not None]
    head = circumstances(
        f"{options.threads} threads",
        f"{min(counts, default=0)} counted runs of each engine in {options.rounds} rounds",
        *([f"other processes took {min(taken):.2f} to {max(taken):.2f} cores"] if taken else []))
    title = ["network", "precision"]
    names = [[row["case"], row["precision"]] for row in rows]
    times = [name + list(time_cells(row)) for name, row in zip(names, rows)]
    memory = [name + list(memory_cells(row)) for name, row in zip(names, rows)]
    return "\n\n".join([
        head,
        "Median / minimum of a run, in milliseconds; the ratio is that of our median to the best "
        "peer's in the same precision:",
        table([*title, *COLUMNS, "ratio", "target"], times),
        "Peak resident memory of the process, in megabytes; the ratio is to the peer that needs "
        "least:",
        table([*title, *COLUMNS, "ratio"], memory),
        "\n".join(facts(rows)),
        f"Where it is not told, OpenVINO computes in {default_precision()} on this processor.",
    ])


def chosen(options):
    for case in CASES:
        if options.models and case.name not in options.models:
            continue
        if options.batch and case.batch not in options.batch:
            continue
        yield case


def run(options):
    options.threads = options.threads or processors()
    options.engines = options.engines or [
        name for name in ENGINES if not (options.quick and name in SLOW)]
    if options.quick:
        options.rounds, options.runs = min(options.rounds, 3), min(options.runs, 2)
    cases = list(chosen(options))
    if not cases:
        sys.exit("no row of the table has that network and batch; see --help")
    program = build("benchmarks", "tools/Benchmarks")
    subprocess.run([sys.executable, HERE / "export.py"], check=True)
    rows = []
    for case in cases:
        for precision in options.precision:
            try:
                rows.append(measure(case, precision, options, program))
            except EngineFailed as error:
                sys.exit(f"an engine failed in the middle: {error}")
            print(case.title, precision, *time_cells(rows[-1]), sep=" | ", file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps(
            {"circumstances": circumstances(), "threads": options.threads, "rows": rows}) + "\n")
    publish("models", text(rows, options), options.write)
