"""The networks as PyTorch has them, with the made-up weights and images that `benchmarks` uses."""

import sys

import numpy as np
import torch

from environment import ROOT

sys.path.insert(0, str(ROOT / "tools" / "fixtures"))
import counter  # noqa: E402

CLASSES = 18


def import_torchvision():
    """torchvision registers fake kernels for compiled ops that this torch may not have."""
    register = torch.library.register_fake
    torch.library.register_fake = lambda *_, **__: lambda function: function
    try:
        import torchvision
    finally:
        torch.library.register_fake = register
    return torchvision


def network(case):
    """The module in evaluation mode; torchxrayvision's networks are torchvision's with one channel
    and 18 classes."""
    models = import_torchvision().models
    if case.network == "resnet50":
        model = models.resnet50(weights=None, num_classes=CLASSES)
        model.conv1 = torch.nn.Conv2d(case.channels, 64, 7, stride=2, padding=3, bias=False)
    else:
        model = models.densenet121(weights=None, num_classes=CLASSES)
        model.features.conv0 = torch.nn.Conv2d(
            case.channels, 64, 7, stride=2, padding=3, bias=False)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(counter.fill(name, tuple(tensor.shape))))
    return model.eval()


def images(case):
    """[batch, channels, size, size], float32 in [-1024, 1024)."""
    return counter.symmetric("image", int(np.prod(case.shape)), 1024).reshape(case.shape)
