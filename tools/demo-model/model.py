"""A DenseNet of any size with the parameter names and the arithmetic of torchvision's.

Written out here so that training needs nothing but torch: XRayZoo recognises an
architecture by its tensor names, so the names below are the ones of torchvision
and torchxrayvision, and must stay so.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn


class DenseLayer(nn.Module):
    def __init__(self, channels, growth, bn_size):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, bn_size * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth)
        self.conv2 = nn.Conv2d(bn_size * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        y = self.conv1(F.relu(self.norm1(x)))
        y = self.conv2(F.relu(self.norm2(y)))
        return torch.cat([x, y], 1)


class Transition(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, out, 1, bias=False)

    def forward(self, x):
        return F.avg_pool2d(self.conv(F.relu(self.norm(x))), 2)


class DenseNet(nn.Module):
    """Grey image in, one logit a label out."""

    def __init__(self, growth, blocks, init_features, outputs, bn_size=4):
        super().__init__()
        self.features = nn.Sequential(OrderedDict([
            ("conv0", nn.Conv2d(1, init_features, 7, stride=2, padding=3, bias=False)),
            ("norm0", nn.BatchNorm2d(init_features)),
            ("relu0", nn.ReLU()),
            ("pool0", nn.MaxPool2d(3, stride=2, padding=1)),
        ]))
        channels = init_features
        for b, depth in enumerate(blocks, 1):
            block = nn.Sequential()
            for i in range(1, depth + 1):
                block.add_module(f"denselayer{i}", DenseLayer(channels, growth, bn_size))
                channels += growth
            self.features.add_module(f"denseblock{b}", block)
            if b < len(blocks):
                self.features.add_module(f"transition{b}", Transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, outputs)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(self.classifier.bias)

    def pooled(self, x):
        return F.relu(self.features(x)).mean((2, 3))

    def forward(self, x):
        return self.classifier(self.pooled(x))
