"""`tools/bench-peers startup`: process start to printed prediction for one image."""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from environment import build, cache, version
from page import circumstances, publish, table
from worker import megabytes

HERE = pathlib.Path(__file__).resolve().parent
# Our median is to be at most this part of the peer's, and our peak memory at most this much.
TARGETS = {"torchxrayvision": 1 / 15, "ONNX Runtime": 1 / 3}
TARGET_MEGABYTES = 110
# Scores of the same image may differ by this part of the largest one.
BOUND = 1e-3


def prepare(zoo):
    """Makes the files that every side reads: an image, and one network in three formats."""
    files = {name: cache("startup", name)
             for name in ("image.png", "model.pt", "model.onnx", "model.safetensors")}
    if not files["model.safetensors"].exists():
        subprocess.run([sys.executable, HERE / "startup_files.py", *list(files.values())[:3]],
                       check=True)
        subprocess.run([zoo, "convert", files["model.pt"], "-o", files["model.safetensors"]],
                       check=True, stdout=subprocess.DEVNULL)
    return files


def commands(zoo, files):
    """Each prints the class scores as JSON on its last line."""
    image, script = files["image.png"], str(HERE / "predict.py")
    return {
        "XRayZoo": [zoo, "predict", "--model", files["model.safetensors"], "--output", "logit",
                    "--format", "jsonl", image],
        "torchxrayvision": [sys.executable, script, "torchxrayvision", files["model.pt"], image],
        "ONNX Runtime": [sys.executable, script, "onnxruntime", files["model.onnx"], image],
        "ONNX Runtime, Pillow's resize": [
            sys.executable, script, "onnxruntime-pillow", files["model.onnx"], image],
    }


def once(command):
    """Milliseconds to the last line that is printed, the scores, and peak megabytes."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True)
    line, elapsed = "", 0.0
    for line in process.stdout:
        elapsed = (time.perf_counter() - start) * 1000
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{pathlib.Path(command[0]).name} failed: {' '.join(map(str, command[1:]))}")
    answer = json.loads(line)
    scores = list(answer["predictions"].values()) if isinstance(answer, dict) else answer
    return elapsed, scores, megabytes(usage)


def check(name, scores, expected):
    largest = max(map(abs, expected))
    worst = max(abs(a - b) for a, b in zip(scores, expected, strict=True)) / largest
    if worst > BOUND and "Pillow" not in name:
        sys.exit(f"{name} predicts something else than torchxrayvision: {worst:.1e} of the largest")


def rows(results):
    ours = results["XRayZoo"]
    for name, found in results.items():
        ratio = statistics.median(ours["milliseconds"]) / statistics.median(found["milliseconds"])
        yield [
            name, f"{statistics.median(found['milliseconds']):.0f}",
            f"{min(found['milliseconds']):.0f}", f"{max(found['megabytes']):.0f}",
            "" if name == "XRayZoo" else f"{ratio:.3f}",
            f"{TARGETS[name]:.3f}" if name in TARGETS else "",
        ]


def run(options):
    rounds = 3 if options.quick else options.rounds
    zoo = build("zoo")
    sides = commands(zoo, prepare(zoo))
    results = {name: {"milliseconds": [], "megabytes": []} for name in sides}
    # The first round only reads all files into the system's cache, and compares the scores.
    for index in range(-1, rounds):
        for name, command in list(sides.items())[:: -1 if index % 2 == 0 else 1]:
            elapsed, scores, peak = once(command)
            if index < 0:
                results[name]["scores"] = scores
            else:
                results[name]["milliseconds"].append(elapsed)
                results[name]["megabytes"].append(peak)
    expected = results["torchxrayvision"]["scores"]
    for name, found in results.items():
        check(name, found["scores"], expected)
    head = circumstances(
        f"{rounds} processes of each side in turns", f"torch {version('torch')}",
        f"torchxrayvision {version('torchxrayvision')}", f"onnxruntime {version('onnxruntime')}")
    if options.json:
        options.json.write_text(json.dumps({"circumstances": head, "results": results}) + "\n")
    publish("startup", "\n\n".join([
        head,
        "One PNG of 512 x 512 pixels, a converted DenseNet-121, files in the system's cache; "
        f"our peak memory is to be at most {TARGET_MEGABYTES} MB:",
        table(["program", "median ms", "minimum ms", "peak MB", "ours / theirs", "target"],
              list(rows(results))),
    ]), options.write)
