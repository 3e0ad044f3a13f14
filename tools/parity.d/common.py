"""What all comparisons with torchxrayvision share."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tools" / "fixtures"))
from reference import import_torchxrayvision  # noqa: E402

xrv = import_torchxrayvision()
ZOO = ROOT / ".build" / "release" / "zoo"
# DESIGN section 9: the largest difference, as a part of the output's largest magnitude.
BOUND = 1e-4
# The reference fails on these or reads them as something else; Sources/Imaging says what zoo does.
UNCOMPARABLE = {"gray16", "1bit", "cmyk", "truncated", "empty"}


class ZooFailure(Exception):
    """zoo exited with an error."""


def zoo(*arguments):
    result = subprocess.run([ZOO, *map(str, arguments)], capture_output=True, text=True)
    if result.returncode != 0:
        raise ZooFailure(f"zoo {' '.join(map(str, arguments))}\n{result.stderr}")
    return result.stdout


def find_images(folder, limit):
    paths = sorted(
        path
        for part in ("nih/images", "xrv-tests", "covid/images", "odd")
        for path in (folder / part).rglob("*")
        if path.suffix in (".png", ".jpg", ".jpeg")
        and not any(word in path.stem for word in UNCOMPARABLE)
    )
    return paths[:: max(1, len(paths) // limit)] if limit else paths


def prepare(path, side=224):
    """The reference's load, centre crop and resize: [1, side, side]."""
    image = xrv.utils.load_image(str(path))
    image = xrv.datasets.XRayCenterCrop()(image)
    return xrv.datasets.XRayResizer(side, engine="skimage")(image).astype(np.float32)


def settle(module, *batch, branches=()):
    """Random batch norms that have seen some images, so that activations keep the sizes that they
    have in trained networks.

    The norms whose name ends in one of `branches` end the branch of a residual block; those are
    made small, as training leaves them. A hundred blocks of random branches as large as what they
    are added to are chaotic: PyTorch's own float32 is then 6e-4 off its float64."""
    for name, part in module.named_modules():
        if isinstance(part, (torch.nn.BatchNorm2d, torch.nn.BatchNorm1d)):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.uniform_(part.bias, -0.5, 0.5)
            if name.endswith(tuple(branches)) and branches:
                torch.nn.init.uniform_(part.weight, 0.1, 0.3)
                torch.nn.init.uniform_(part.bias, -0.1, 0.1)
            part.momentum = None
    with torch.no_grad():
        module.train()(*batch)
    return module.eval()


class Comparison:
    """Prints each worst difference and remembers whether one was out of bounds."""

    def __init__(self):
        self.failed = False
        self.worst = 0.0

    def fail(self, message):
        self.failed = True
        print(f"  {message}  FAILED", flush=True)

    def show(self, what, difference, bound):
        verdict = "" if difference <= bound else f"  OUT OF BOUNDS (at most {bound:g})"
        self.failed |= not difference <= bound
        print(f"  {what:<42}{difference:.2e}{verdict}", flush=True)

    def relative(self, what, found, expected):
        if found.shape != expected.shape:
            self.fail(f"{what}: shape {found.shape} instead of {expected.shape}")
            return
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        self.worst = max(self.worst, difference)
        self.show(what, difference, BOUND)

    def equal(self, what, found, expected):
        if found != expected:
            self.fail(f"{what}: {found} instead of {expected}")


def run(model, images, folder, *options):
    """Every endpoint of a native file for a batch, by name."""
    np.save(folder / "images.npy", images)
    out = folder / "out"
    zoo("run", model, "--input", f"image={folder / 'images.npy'}", "--output-dir", out, *options)
    outputs = {path.stem: np.load(path) for path in out.iterdir()}
    for path in out.iterdir():
        path.unlink()
    return outputs


def models_folder(home):
    """Where torchxrayvision looks for weights when the home folder is `home`."""
    folder = home / ".torchxrayvision" / "models_data"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def manifest_entry(name):
    return json.loads(zoo("info", name, "--format", "json"))


def set_home(home):
    os.environ["HOME"] = str(home)
