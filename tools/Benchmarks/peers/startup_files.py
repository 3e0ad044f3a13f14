#!/usr/bin/env python3
"""Makes the image and the network that `tools/bench-peers startup` predicts with.

usage: startup_files.py IMAGE.png MODEL.pt MODEL.onnx
"""

import sys
import warnings

import numpy as np
import torch
from PIL import Image

from environment import ROOT
from networks import counter  # puts tools/fixtures on the path
from reference import import_torchxrayvision

SIDE = 512


class Scores(torch.nn.Module):
    """The network alone, without the resizing and calibration of torchxrayvision's `forward`."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        features = torch.relu(self.model.features(image))
        return self.model.classifier(torch.mean(features, (2, 3)))


def main(image_file, module_file, onnx_file):
    phantom = Image.open(ROOT / "tools" / "phantom" / "phantom.png")
    phantom.convert("L").resize((SIDE, SIDE)).save(image_file)
    model = import_torchxrayvision().models.DenseNet(weights=None, num_classes=18).eval()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(counter.fill(name, tuple(tensor.shape))))
    # Published files are whole modules too.
    torch.save(model, module_file)
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.onnx.export(
        Scores(model), (torch.from_numpy(np.zeros((1, 1, 224, 224), np.float32)),), onnx_file,
        dynamo=False, input_names=["image"])


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
