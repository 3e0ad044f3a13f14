#!/usr/bin/env python3
"""Trains XRayZoo's embedded demonstration model and measures it on unseen patients.

    python train.py --data NIH_TRAIN --out OUT [--fullres ORIGINALS]

NIH_TRAIN holds labels.csv and images/*.png (256 x 256, 8-bit grey, one image a
patient). The same recipe is run once a fold, scoring only the patients left out, and
once more on everybody; the last run is what is exported. No run looks at its held-out
fold: there is no early stopping and no choice of epoch.

OUT receives demo.pt (a state dict taking images in [-1024, 1024]), demo-legacy.pt (the
same in torch's pre-1.6 format), metrics.json, and fold*.pt with the held-out logits.

This is a demonstration model for software, not a medical device.
"""

import argparse
import csv
import json
import math
import os
import time
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import nn

from model import DenseNet

SIZE = 224


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--data", required=True, help="folder with labels.csv and images/")
    p.add_argument("--out", required=True, help="folder for the weights and the metrics")
    p.add_argument("--fullres", help="folder with original 1024 x 1024 images of some of the same "
                   "patients: each fold then scores its own held-out ones from the original too")
    p.add_argument("--folds", type=int, default=4, help="0: no cross-validation")
    p.add_argument("--only", help="run these parts only, e.g. 0,2 or final (parts already in OUT are reused)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--epochs", type=int, default=100)
    p.add_argument("--small-epochs", type=float, default=0.6, help="share of the epochs run at --small-size")
    p.add_argument("--small-size", type=int, default=160)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--weight-decay", type=float, default=0.05)
    p.add_argument("--dropout", type=float, default=0.2)
    p.add_argument("--mixup", type=float, default=0.0, help="share of the batches that are mixed up")
    p.add_argument("--soft", type=float, default=0.7, help="share of the soft label in the target")
    p.add_argument("--aux", type=float, default=0.3, help="weight of the auxiliary regression")
    p.add_argument("--growth", type=int, default=16)
    p.add_argument("--blocks", default="2,4,6,6")
    p.add_argument("--init-features", type=int, default=24)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--watch", type=int, default=0, help="print held-out scores every so many epochs (for recipe work)")
    return p.parse_args()


# Data


class Data:
    def __init__(self, folder):
        with open(os.path.join(folder, "labels.csv"), newline="") as f:
            rows = list(csv.DictReader(f))
        self.labels = [c[len("soft_"):] for c in rows[0] if c.startswith("soft_")]
        self.patients = [int(r["patient"]) for r in rows]
        assert len(set(self.patients)) == len(rows), "folds are drawn by image: one image a patient"
        self.hard = torch.tensor([[float(r[l]) for l in self.labels] for r in rows])
        soft = torch.tensor([[float(r["soft_" + l]) for l in self.labels] for r in rows])
        self.soft = torch.logit(soft.clamp(1e-5, 1 - 1e-5))
        self.ap = torch.tensor([[float(r["view"] == "AP")] for r in rows])
        self.side = torch.tensor([[float(r["sex"] == "M"), float(r["age"]) / 20] for r in rows])
        pixels = [np.asarray(Image.open(os.path.join(folder, "images", r["image"])).convert("L")) for r in rows]
        self.images = torch.from_numpy(np.stack(pixels))[:, None].float() / 127.5 - 1
        self.truth = torch.cat([self.hard, self.ap], 1)

    def folds(self, k, seed):
        """k disjoint sets of patients, alike in view and in how many findings they have."""
        order = np.random.default_rng(seed).permutation(len(self.patients))
        key = [(float(self.ap[i]), float(self.hard[i].sum())) for i in order]
        order = order[sorted(range(len(order)), key=key.__getitem__)]
        return [np.sort(order[i::k]) for i in range(k)]

    def targets(self, train, share):
        """Targets for the training patients only, and what the auxiliary head regresses.

        The teacher's probabilities are of another prevalence than these images (and tiny
        for the rare labels), so each label's are recalibrated on the training patients'
        hard labels before they are mixed in; a slope below zero is noise, not knowledge.
        """
        soft, hard = self.soft[train], self.hard[train]
        z = (soft - soft.mean(0)) / soft.std(0)
        calibrated = []
        for j in range(len(self.labels)):
            fit = LogisticRegression(C=1.0).fit(z[:, j:j + 1].numpy(), hard[:, j].numpy())
            slope = max(float(fit.coef_[0, 0]), 0.3)
            calibrated.append(torch.sigmoid(slope * z[:, j] + float(fit.intercept_[0])))
        mixed = share * torch.stack(calibrated, 1) + (1 - share) * hard
        side = self.side[train]
        return torch.cat([mixed, self.ap[train]], 1), torch.cat([z, (side - side.mean(0)) / side.std(0)], 1)


def resized(images, size):
    return F.interpolate(images, (size, size), mode="bilinear", align_corners=False, antialias=True)


def uniform(n, low, high, gen):
    return (torch.rand(n, 1, 1, 1, generator=gen) * (high - low) + low)


def augmented(x, size, gen):
    """Random geometry, exposure, sharpness and noise, from the source size to `size`.

    Sharpness and noise vary so that nothing is learnt from the resampling of the 256-pixel
    copies: in use, images arrive resampled from other sizes.
    """
    n = len(x)
    angle = (uniform(n, -10, 10, gen) * math.pi / 180).view(n)
    scale = uniform(n, 0.82, 1.08, gen).view(n)
    stretch = uniform(n, 0.93, 1.07, gen).view(n)
    flip = 1 - 2 * (torch.rand(n, generator=gen) < 0.3).float()
    shift = torch.rand(n, 2, generator=gen) * 0.16 - 0.08
    cos, sin = angle.cos() * scale, angle.sin() * scale
    theta = torch.stack([
        torch.stack([flip * cos * stretch, -sin, shift[:, 0]], 1),
        torch.stack([flip * sin * stretch, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(theta, (n, 1, size, size), align_corners=False)
    x = F.grid_sample(x + 1, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    x = x + uniform(n, -0.8, 0.8, gen) * (x - blurred)
    x = (x / 2).clamp(0, 1) ** torch.exp(uniform(n, -0.4, 0.4, gen)) * 2 - 1
    x = x * uniform(n, 0.75, 1.25, gen) + uniform(n, -0.2, 0.2, gen)
    noise = torch.randn(x.shape, generator=gen) * uniform(n, 0, 0.04, gen)
    return (x + noise).clamp(-1, 1)


def original(path):
    """An original image as torchxrayvision would hand it to the model, but in [-1, 1]."""
    from skimage.transform import resize
    img = np.asarray(Image.open(path).convert("L")).astype(np.float32) / 127.5 - 1
    side = min(img.shape)
    y, x = (s // 2 - side // 2 for s in img.shape)
    return torch.from_numpy(resize(img[y:y + side, x:x + side], (SIZE, SIZE), mode="constant",
                                   preserve_range=True).astype(np.float32))[None]


# Training


@torch.no_grad()
def logits(net, images):
    net.eval()
    return torch.cat([net(b) for b in images.split(64)])


def train(args, data, rows, seed, watch=None):
    """One run of the recipe on the patients `rows`; gives the averaged network."""
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    goal, regress = data.targets(rows, args.soft)
    images = data.images[rows]
    small = resized(images, round(args.small_size * 1.15))
    net = network(args, data)
    head = nn.Linear(net.classifier.in_features, regress.shape[1])
    # Start from the prevalences, so that the first steps are not spent on them.
    net.classifier.bias.data = torch.logit(goal.mean(0))
    net = net.to(memory_format=torch.channels_last)

    mean = network(args, data)
    mean.load_state_dict(net.state_dict())
    decay, no_decay = [], []
    for w in list(net.parameters()) + list(head.parameters()):
        (decay if w.ndim > 1 else no_decay).append(w)
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": args.weight_decay},
                                   {"params": no_decay, "weight_decay": 0.0}], lr=args.lr)
    steps = len(rows) // args.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, args.lr, total_steps=steps * args.epochs, pct_start=0.15, final_div_factor=100)
    start, done = time.time(), 0
    for epoch in range(args.epochs):
        is_small = epoch < args.small_epochs * args.epochs
        source, size = (small, args.small_size) if is_small else (images, SIZE)
        net.train()
        order, total = torch.randperm(len(rows), generator=gen), 0.0
        for s in range(steps):
            pick = order[s * args.batch:(s + 1) * args.batch]
            x, y, r = augmented(source[pick], size, gen), goal[pick], regress[pick]
            if float(torch.rand(1, generator=gen)) < args.mixup:
                share = uniform(len(pick), 0.5, 1, gen)
                flat, other = share.view(-1, 1), torch.randperm(len(pick), generator=gen)
                x = share * x + (1 - share) * x[other]
                y, r = flat * y + (1 - flat) * y[other], flat * r + (1 - flat) * r[other]
            with torch.autocast("cpu", torch.bfloat16):
                pooled = net.pooled(x.contiguous(memory_format=torch.channels_last))
            pooled = F.dropout(pooled.float(), args.dropout)
            loss = (F.binary_cross_entropy_with_logits(net.classifier(pooled), y)
                    + args.aux * F.smooth_l1_loss(head(pooled), r))
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            total, done = total + float(loss.detach()), done + 1
            average(mean, net, min(0.995, done / (done + 10)))
        if (epoch + 1) % 10 == 0 or epoch == 0:
            print(f"  epoch {epoch + 1:3d} size {size} loss {total / steps:.4f} {time.time() - start:.0f} s", flush=True)
        if watch is not None and args.watch and (epoch + 1) % args.watch == 0:
            watch(mean, net, head)
    return mean, head


def network(args, data):
    return DenseNet(args.growth, [int(b) for b in args.blocks.split(",")], args.init_features, len(data.labels) + 1)


@torch.no_grad()
def average(mean, net, keep):
    """Moves the running average of the weights, and of the statistics that go with them."""
    theirs = net.state_dict()
    for name, value in mean.state_dict().items():
        if value.is_floating_point():
            value.lerp_(theirs[name], 1 - keep)
        else:
            value.copy_(theirs[name])
