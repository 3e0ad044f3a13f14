"""DenseNets of every depth, file kind and spelling of names, and the way from image file to
calibrated numbers."""

import json
import os
import pathlib
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

from common import prepare, run, settle, xrv, zoo


def random_model(batch, **arguments):
    """A model of random weights whose batch norms have seen some images, so that activations keep
    the sizes they have in trained networks."""
    model = xrv.models.DenseNet(weights=None, **arguments)
    torch.nn.init.uniform_(model.classifier.bias, -1, 1)
    return settle(model, batch)


def outputs(model, images):
    with torch.no_grad():
        feature_map = model.features(images)
        features = F.adaptive_avg_pool2d(F.relu(feature_map), (1, 1)).flatten(1)
        logits = model.classifier(features)
    return {
        "featureMap": feature_map.numpy(),
        "features": features.numpy(),
        "logits": logits.numpy(),
    }


def old_names(state):
    """torchvision's spelling before 0.4: norm.1 for norm1 inside a dense layer."""
    renamed = {}
    for key, value in state.items():
        head, _, rest = key.rpartition("denselayer")
        if head:
            layer, part, tail = rest.split(".", 2)
            rest = f"{layer}.{part[:-1]}.{part[-1]}.{tail}"
            key = head + "denselayer" + rest
        renamed[key] = value
    return renamed


def file_kinds(model):
    state = model.state_dict()
    yield "legacy whole module", model, dict(_use_new_zipfile_serialization=False)
    yield "zip whole module", model, {}
    yield "legacy state dict", state, dict(_use_new_zipfile_serialization=False)
    yield "zip state dict", state, {}
    yield "module. prefix", {"module." + key: value for key, value in state.items()}, {}
    yield "old key names", {"state_dict": old_names(state)}, {}


def compare_file(comparison, folder, content, options, images, expected):
    checkpoint, native = folder / "model.pt", folder / "model.safetensors"
    torch.save(content, checkpoint, **options)
    zoo("convert", checkpoint, "-o", native)
    zoo("verify", native)
    found = run(native, images.numpy(), folder)
    for endpoint, reference in expected.items():
        comparison.relative(endpoint, found[endpoint], reference)
    return native


def compare_images(comparison, folder, model, native, paths, logits):
    """From the image file to the logits, and to calibrated numbers, both sides by themselves."""
    rows = json.loads(
        zoo("predict", "--model", native, "--output", "logit", "--format", "json", *paths)
    )
    found = np.array([list(row["predictions"].values()) for row in rows], np.float32)
    png = [i for i, path in enumerate(paths) if path.read_bytes()[:4] == b"\x89PNG"]
    jpeg = [i for i in range(len(paths)) if i not in png]
    for kind, rows in (("PNG", png), ("JPEG", jpeg)):
        if rows:
            comparison.relative(f"{kind} file to logits", found[rows], logits[rows])

    zoo("fetch", "all", "--from", folder / "model.pt")
    rows = json.loads(zoo("predict", "--model", "all", "--format", "json", *paths))
    found = np.array([list(row["predictions"].values()) for row in rows], np.float32)
    thresholds = torch.tensor(xrv.models.model_urls["densenet121-res224-all"]["op_threshs"])
    expected = xrv.models.op_norm(torch.sigmoid(torch.from_numpy(logits)), thresholds).numpy()
    comparison.show("calibrated, absolute", np.abs(found - expected).max(), 1e-4)
    labels = [label for label in xrv.models.model_urls["densenet121-res224-all"]["labels"] if label]
    if list(rows[0]["predictions"]) != labels:
        comparison.failed = True
        print("  labels differ")


def compare(paths, comparison):
    images = torch.from_numpy(np.stack([prepare(path) for path in paths]))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.environ["ZOO_CACHE"] = str(folder / "cache")
        model = random_model(images[:16])
        expected = outputs(model, images)
        for kind, content, options in file_kinds(model):
            print(f"densenet121, {kind}")
            native = compare_file(comparison, folder, content, options, images, expected)
            if kind == "legacy whole module":
                compare_images(comparison, folder, model, native, paths, expected["logits"])
        for title, changes in {
            "densenet161": dict(
                num_init_features=96, growth_rate=48, block_config=(6, 12, 36, 24), num_classes=5
            ),
            "densenet169": dict(block_config=(6, 12, 32, 32)),
            "densenet201": dict(block_config=(6, 12, 48, 32)),
            "densenet121, 3 channels": dict(in_channels=3, num_classes=1000),
            "other blocks": dict(growth_rate=12, block_config=(3, 5), bn_size=2, num_classes=1),
        }.items():
            print(title)
            few = images[:: max(1, len(images) // 6)]
            few = few.repeat(1, changes.get("in_channels", 1), 1, 1)
            model = random_model(few, **changes)
            compare_file(comparison, folder, model, {}, few, outputs(model, few))
