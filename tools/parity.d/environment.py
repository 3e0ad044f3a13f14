"""The Python that the reference runs in."""

import importlib.util
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def use_reference_python():
    """Starts this script again in an environment that has the reference, if this one lacks it."""
    if all(importlib.util.find_spec(name) for name in ("torch", "torchxrayvision", "timm")):
        return
    folder = ROOT / ".build-reference"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print("installing the reference into .build-reference", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "torchvision", "torchxrayvision==1.5.7",
                   "timm"]
        # The build without CUDA is a tenth of the size, but not every index has it.
        if subprocess.run([*install, "torch==2.13.0+cpu"], stderr=subprocess.DEVNULL).returncode:
            subprocess.run([*install, "torch==2.13.0"], check=True)
        (folder / "complete").touch()
    os.execv(python, [str(python), *sys.argv])
