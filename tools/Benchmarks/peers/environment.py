"""The Python environment of the peers, and the programs of ours that are measured."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
# Pinned, so that a table can be measured again.
PINNED = {
    "torch": "2.13.0",
    "torchvision": "0.28.0",
    "torchxrayvision": "1.5.7",
    "onnx": "1.23.2",
    "onnxruntime": "1.32.0",
    "openvino": "2026.4.1",
}
FOLDER = ROOT / ".build-reference"


def version(name):
    """The installed version, without the suffix that says which devices a build is for."""
    try:
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        return None


def use_reference_python():
    """Starts the script again in an environment that has the peers, if this one lacks them."""
    if all(version(name) == wanted for name, wanted in PINNED.items()):
        return
    python = FOLDER / "bin" / "python"
    marker = FOLDER / "complete-peers"
    pins = [f"{name}=={wanted}" for name, wanted in PINNED.items()]
    if not marker.exists() or marker.read_text().split() != pins:
        print("installing the peers into .build-reference", file=sys.stderr, flush=True)
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        install = [python, "-m", "pip", "install", "--quiet", *pins[1:]]
        # The build without CUDA is a tenth of the size, but not every index has it.
        cpu = subprocess.run([*install, pins[0] + "+cpu"], stderr=subprocess.DEVNULL)
        if cpu.returncode:
            subprocess.run([*install, pins[0]], check=True)
        marker.write_text("\n".join(pins) + "\n")
        # It holds all that tools/parity asks for.
        (FOLDER / "complete").touch()
    elif pathlib.Path(sys.prefix).resolve() == FOLDER:
        sys.exit(f"{FOLDER} lacks what it should hold; delete it and start again")
    os.execv(python, [str(python), *sys.argv])


def cache(*parts):
    """A path for files that are made once: networks for the peers, compiled code."""
    path = FOLDER.joinpath("peers", *parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def build(product, package="."):
    """The path of a program of ours, built for release."""
    subprocess.run(
        ["swift", "build", "-c", "release", "--package-path", package, "--product", product],
        cwd=ROOT, check=True, stdout=sys.stderr,
    )
    return ROOT / package / ".build" / "release" / product
