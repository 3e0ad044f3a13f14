"""The images, their targets, and the augmentation that training applies to them."""

import csv
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from sklearn.linear_model import LogisticRegression

SIZE = 224


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
        """Probabilities and logits to learn, and sex and age; all from the training patients.

        The teacher's probabilities are of another prevalence than these images (and tiny
        for the rare labels), so each label's are recalibrated on the training patients'
        hard labels before they are mixed in; a slope below zero is noise, not knowledge.
        """
        soft, hard = self.soft[train], self.hard[train]
        z = (soft - soft.mean(0)) / soft.std(0)
        lines = []
        for j in range(len(self.labels)):
            fit = LogisticRegression(C=1.0).fit(z[:, j:j + 1].numpy(), hard[:, j].numpy())
            lines.append((max(float(fit.coef_[0, 0]), 0.3), float(fit.intercept_[0])))
        slope, offset = torch.tensor(lines).T
        teacher = z * slope + offset
        mixed = share * torch.sigmoid(teacher) + (1 - share) * hard
        side = self.side[train]
        return torch.cat([mixed, self.ap[train]], 1), teacher, slope, (side - side.mean(0)) / side.std(0)


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
