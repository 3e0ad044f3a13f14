"""One published model: random weights in the file kind that upstream publishes, loaded by upstream's
own class and by zoo, and every endpoint compared."""

import json
import os
import sys
import types

import numpy as np
import torch

from common import (
    ZooFailure, manifest_entry, models_folder, prepare, run, set_home, xrv, zoo,
)


class Published:
    """What a model's file beside this one says of it."""

    # The name in the manifest.
    name = ""
    # The name of upstream's file.
    file = ""
    # Upstream's labels, or None.
    labels = None
    # Whether the tensors alone say everything that the numbers depend on.
    is_told_by_tensors = True
    # How many images go through.
    images = 3
    # Further options of `zoo run` and `zoo predict`.
    options = ()
    # Whether upstream's class resizes its input.
    resizes = True

    def write(self, path, batch):
        """Makes random weights and writes them as upstream's file; `batch` is [n, 1, side, side]."""
        raise NotImplementedError

    def upstream(self, path):
        """Upstream's class with the weights of the file, which lies where upstream looks."""
        raise NotImplementedError

    def outputs(self, model, images):
        """{endpoint: tensor} for images [n, 1, side, side] from -1024 to 1024."""
        raise NotImplementedError

    def changed(self, entry):
        """The manifest's entry as it is for the file that `write` makes; None where it fits."""
        return None

    def predictions(self, outputs):
        """What `zoo predict` prints, from the outputs: [n, labels]; None where it prints nothing."""
        return None


def check(published, paths, comparison, home):
    """Compares one model; the file of weights is gone afterwards."""
    print(published.name, flush=True)
    entry = manifest_entry(published.name)
    comparison.equal("labels", entry["labels"], published.labels or [])
    if entry["source"].get("url"):
        comparison.equal("file", entry["source"]["url"].rpartition("/")[2], published.file)
    lay_over(published.changed(entry), home)
    set_home(home)
    side = entry["input"]["resolution"]
    # Any two decoders make the same of a PNG; JPEG is densenet's to compare.
    paths = [path for path in paths if path.suffix == ".png"]
    chosen = paths[:: max(1, len(paths) // published.images)][: published.images]
    images = np.stack([prepare(path, side) for path in chosen])
    path = models_folder(home) / published.file
    # Files beside the weights, such as a yaml, are the model's own to write.
    published.write(path, torch.from_numpy(images))
    reference = published.upstream(path)
    try:
        compare(published, reference, entry, path, images, chosen, comparison, home)
    except ZooFailure as failure:
        comparison.fail(str(failure))
    for other in home.glob("*.safetensors"):
        other.unlink()
    path.unlink()
    lay_over(None, home)


def lay_over(entry, folder):
    """Has zoo take an entry in the place of the manifest's; None takes the manifest as it is."""
    os.environ.pop("ZOO_MANIFEST", None)
    if entry is not None:
        del entry["cached"]
        manifest = folder / "manifest.json"
        manifest.write_text(json.dumps({"format": 1, "models": [entry]}))
        os.environ["ZOO_MANIFEST"] = str(manifest)


def compare(published, reference, entry, path, images, paths, comparison, home):
    by_content, named = home / "by-content.safetensors", home / "named.safetensors"
    report = json.loads(zoo("convert", path, "-o", by_content, "--format", "json"))
    network = report["network"]
    if network is None:
        comparison.fail("is not recognised by its content")
        return
    comparison.equal("architecture", network["architecture"]["id"], entry["architecture"]["id"])
    zoo("verify", by_content)
    zoo("convert", path, "--as", published.name, "-o", named)
    zoo("verify", named)

    with torch.no_grad():
        expected = {
            name: value.numpy()
            for name, value in published.outputs(reference, torch.from_numpy(images)).items()
        }
    found = run(named, images, home, *published.options)
    comparison.equal("endpoints", sorted(found), sorted(expected))
    for name, value in expected.items():
        if name in found:
            published_compare(comparison, name, found[name], value)
    if published.is_told_by_tensors:
        again = run(by_content, images, home, *published.options)
        same = all(np.array_equal(again[name], found[name]) for name in found)
        comparison.equal("the same numbers by content alone", same, True)
    compare_resized(published, reference, named, paths[0], comparison, home)
    compare_predictions(published, named, paths, expected, comparison)


def published_compare(comparison, name, found, expected):
    if name in ("codes", "masks"):
        # Whole numbers, which rounding turns where two codes or a pixel's two sides are equal.
        differing = (found != expected).mean()
        comparison.show(f"{name}, part that differs", differing, 1e-4)
        return
    comparison.relative(name, found, expected)


def compare_resized(published, reference, named, path, comparison, home):
    """An image at its own size, resized by either side."""
    if not published.resizes:
        return
    image = xrv.datasets.XRayCenterCrop()(xrv.utils.load_image(str(path))).astype(np.float32)
    with torch.no_grad():
        expected = published.outputs(reference, torch.from_numpy(image[None]))
    found = run(named, image[None], home, "--fix-resolution", *published.options)
    for name in list(expected)[:1]:
        published_compare(comparison, f"{name}, resized", found[name], expected[name].numpy())


def compare_predictions(published, named, paths, expected, comparison):
    """From the image file to what people read."""
    wanted = published.predictions({k: torch.from_numpy(v) for k, v in expected.items()})
    if wanted is None:
        return
    rows = json.loads(
        zoo("predict", "--model", named, "--format", "json", *published.options, *paths)
    )
    found = np.array([list(row["predictions"].values()) for row in rows], np.float32)
    comparison.equal(
        "predicted labels", list(rows[0]["predictions"]),
        [label for label in published.labels if label])
    comparison.relative("predictions, from image files", found, wanted.numpy())


def stand_in(path):
    """A class that pickles as one of a package that is not installed, and is found again."""
    module, _, name = path.rpartition(".")
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        package = ".".join(parts[:count])
        sys.modules.setdefault(package, types.ModuleType(package))
    made = type(name, (), {"__module__": module})
    setattr(sys.modules[module], name, made)
    return made


CALLBACK = stand_in("pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint")


def lightning(state):
    """A checkpoint as PyTorch Lightning of 2021 to 2023 writes it, with callbacks by class and the
    optimizer's moments."""
    parameters = [value for key, value in state.items() if value.is_floating_point()]
    return {
        "epoch": 13,
        "global_step": 7125,
        "pytorch-lightning_version": "1.5.10",
        "state_dict": state,
        "callbacks": {CALLBACK: {"monitor": "val_loss", "best_model_score": torch.tensor(0.1)}},
        "optimizer_states": [
            {
                "state": {
                    i: {"step": 7125, "exp_avg": torch.zeros_like(p), "exp_avg_sq": p * p}
                    for i, p in enumerate(parameters)
                },
                "param_groups": [{"lr": 1e-3, "params": list(range(len(parameters)))}],
            }
        ],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": {"num_classes": 2},
    }


def limit_threads():
    torch.set_num_threads(os.cpu_count() or 1)
