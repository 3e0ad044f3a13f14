#!/usr/bin/env python3
"""Writes the networks as ONNX files, the images, and the class scores that PyTorch gives.

usage: export.py

Files that are there already are kept.
"""

import json
import warnings

import numpy as np
import torch

from cases import CASES
from environment import cache
from networks import images, network


def paths(case):
    """Of the ONNX file for any batch, the images and the expected scores."""
    stem = f"{case.network}-{case.size}"
    batch = f"{stem}-{case.batch}"
    return cache(f"{stem}.onnx"), cache(f"{batch}.npy"), cache(f"{batch}.json")


def export(case):
    onnx_file, images_file, scores_file = paths(case)
    # The scores are written last.
    if scores_file.exists():
        return
    model, batch = network(case), torch.from_numpy(images(case))
    with torch.inference_mode():
        scores = model(batch)
    # The newer exporter wants a package more and writes the same operators.
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.onnx.export(
        model, (batch[:1],), str(onnx_file), dynamo=False, input_names=["image"],
        output_names=["logits"], dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    np.save(images_file, batch.numpy())
    scores_file.write_text(json.dumps(scores.flatten().tolist()))


if __name__ == "__main__":
    for item in CASES:
        export(item)
