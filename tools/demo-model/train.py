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
import json
import os
import time
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import nn

from data import SIZE, Data, augmented, original, resized, uniform
from model import DenseNet


def arguments():
    p = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    p.add_argument("--data", required=True, help="folder with labels.csv and images/")
    p.add_argument("--out", required=True, help="folder for the weights and the metrics")
    p.add_argument("--fullres", help="folder with original 1024 x 1024 images of some of the same "
                   "patients: each fold then scores its own held-out ones from the original too")
    p.add_argument("--folds", type=int, default=4, help="0: no cross-validation")
    p.add_argument("--only", help="run these parts only, e.g. 0,2 or final (parts already in OUT are reused)")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--epochs", type=int, default=240)
    p.add_argument("--small-epochs", type=float, default=0.75, help="share of the epochs run at --small-size")
    p.add_argument("--small-size", type=int, default=160)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--weight-decay", type=float, default=0.05)
    p.add_argument("--dropout", type=float, default=0.2)
    p.add_argument("--mixup", type=float, default=0.3, help="share of the small batches that are mixed up")
    p.add_argument("--soft", type=float, default=0.8, help="share of the soft label in the target")
    p.add_argument("--teach", type=float, default=1.5, help="weight of the regression of the teacher's logits")
    p.add_argument("--side", type=float, default=0.15, help="weight of the regression of sex and age")
    p.add_argument("--view-weight", type=float, default=4.0, help="weight of the view among the outputs")
    p.add_argument("--growth", type=int, default=16)
    p.add_argument("--blocks", default="2,4,6,6")
    p.add_argument("--init-features", type=int, default=24)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--watch", type=int, default=0, help="print held-out scores every so many epochs (for recipe work)")
    return p.parse_args()


# Training


@torch.no_grad()
def logits(net, images):
    net.eval()
    return torch.cat([net(b) for b in images.split(64)])


def train(args, data, rows, seed, watch=None):
    """One run of the recipe on the patients `rows`; gives the averaged network."""
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed)
    goal, teacher, slope, side = data.targets(rows, args.soft)
    weight = torch.ones(goal.shape[1])
    weight[-1] = args.view_weight
    images = data.images[rows]
    small = resized(images, round(args.small_size * 1.15))
    net = network(args, data)
    head = nn.Linear(net.classifier.in_features, side.shape[1])
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
            x, y, t, a = augmented(source[pick], size, gen), goal[pick], teacher[pick], side[pick]
            if is_small and float(torch.rand(1, generator=gen)) < args.mixup:
                share = uniform(len(pick), 0.5, 1, gen)
                flat, other = share.view(-1, 1), torch.randperm(len(pick), generator=gen)
                x = share * x + (1 - share) * x[other]
                y, t, a = (flat * v + (1 - flat) * v[other] for v in (y, t, a))
            with torch.autocast("cpu", torch.bfloat16):
                pooled = net.pooled(x.contiguous(memory_format=torch.channels_last))
            pooled = F.dropout(pooled.float(), args.dropout)
            z = net.classifier(pooled)
            # The teacher's logits say more than its probabilities, above all about the rare
            # labels; sex and age are read off the same features, which they make richer.
            loss = (F.binary_cross_entropy_with_logits(z, y, weight)
                    + args.teach * F.smooth_l1_loss(z[:, :-1] / slope, t / slope)
                    + args.side * F.smooth_l1_loss(head(pooled), a))
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


@torch.no_grad()
def settle(net, data, rows):
    """Moves each bias until the mean probability is the prevalence.

    Regressed logits are drawn to the middle, which leaves the mean of their sigmoids low.
    """
    z = logits(net, resized(data.images[rows], SIZE))
    want, shift = data.truth[rows].mean(0), torch.zeros(z.shape[1])
    for _ in range(50):
        p = torch.sigmoid(z + shift)
        shift += (want - p.mean(0)) / (p * (1 - p)).mean(0)
    net.classifier.bias += shift


# Measuring and writing


def exported(net):
    """The weights for images in [-1024, 1024]; conv0 is linear and has no bias."""
    state = OrderedDict((k, v.detach().contiguous().clone()) for k, v in net.state_dict().items())
    state["features.conv0.weight"] /= 1024
    return state


def auc(truth, scores):
    return float(roc_auc_score(truth, scores)) if 0 < truth.sum() < len(truth) else float("nan")


def table(data, folds, parts):
    """Per label: the AUC over all held-out logits, and the mean of the folds' AUCs."""
    held = torch.zeros(len(data.patients), len(data.labels) + 1)
    for rows, part in zip(folds, parts):
        held[rows] = part["logits"]
    truth, rows = data.truth.numpy(), []
    for j, label in enumerate(data.labels + ["AP"]):
        by_fold = [auc(truth[f, j], held[f, j].numpy()) for f in folds]
        rows.append({
            "label": label,
            "positives": int(truth[:, j].sum()),
            "auc_pooled": auc(truth[:, j], held[:, j].numpy()),
            "auc_mean_of_folds": float(np.nanmean(by_fold)),
            "auc_folds": by_fold,
            "auc_teacher": auc(truth[:, j], data.soft[:, j].numpy()) if j < len(data.labels) else None,
            "prevalence": float(truth[:, j].mean()),
            "mean_probability_out_of_fold": float(torch.sigmoid(held[:, j]).mean()),
        })
    return rows


def from_originals(args, data, rows):
    """Indices into `rows`, and the images, of the held-out patients that have an original."""
    if not args.fullres:
        return [], None
    known = {}
    for name in sorted(os.listdir(args.fullres)):
        known.setdefault(int(name.split("_")[0]), os.path.join(args.fullres, name))
    where = [i for i, r in enumerate(rows) if data.patients[r] in known]
    return where, torch.stack([original(known[data.patients[rows[i]]]) for i in where])


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    os.makedirs(args.out, exist_ok=True)
    data = Data(args.data)
    everybody = np.arange(len(data.patients))
    folds = data.folds(args.folds, args.seed) if args.folds else []
    wanted = args.only.split(",") if args.only else [str(i) for i in range(args.folds)] + ["final"]
    recipe = {k: v for k, v in vars(args).items()
              if k not in ("data", "out", "fullres", "only", "watch")}

    for i, held in enumerate(folds):
        if str(i) not in wanted:
            continue
        print(f"fold {i}: {len(held)} patients held out", flush=True)
        start, rows = time.time(), np.setdiff1d(everybody, held)
        net, _ = train(args, data, rows, args.seed + i)
        settle(net, data, rows)
        where, originals = from_originals(args, data, held)
        torch.save({"recipe": recipe, "logits": logits(net, resized(data.images[held], SIZE)),
                    "seconds": time.time() - start, "where": where,
                    "originals": logits(net, originals) if where else None},
                   os.path.join(args.out, f"fold{i}.pt"))
    if "final" in wanted:
        print(f"final: all {len(everybody)} patients", flush=True)
        start = time.time()
        net, _ = train(args, data, everybody, args.seed)
        settle(net, data, everybody)
        state = exported(net)
        torch.save(state, os.path.join(args.out, "demo.pt"))
        torch.save(state, os.path.join(args.out, "demo-legacy.pt"), _use_new_zipfile_serialization=False)
        torch.save({"recipe": recipe, "seconds": time.time() - start,
                    "probability": torch.sigmoid(logits(net, resized(data.images, SIZE))).mean(0)},
                   os.path.join(args.out, "final.pt"))

    paths = [os.path.join(args.out, n) for n in [f"fold{i}.pt" for i in range(args.folds)] + ["final.pt"]]
    if not args.folds or not all(map(os.path.exists, paths)):
        return
    *parts, final = [torch.load(p, weights_only=False) for p in paths]
    assert all(p["recipe"] == recipe for p in parts + [final]), "parts in OUT are of another recipe"
    report(args, data, folds, parts, final, recipe)


def report(args, data, folds, parts, final, recipe):
    rows = table(data, folds, parts)
    for j, row in enumerate(rows):
        row["mean_probability_final_on_training"] = float(final["probability"][j])
    labels, view = rows[:-1], rows[-1]
    ten = sorted(labels, key=lambda r: -r["positives"])[:10]

    def mean_of_ten(key):
        return float(np.mean([r[key] for r in ten]))

    net = network(args, data)
    metrics = {
        "config": {"growth_rate": args.growth, "block_config": [int(b) for b in args.blocks.split(",")],
                   "init_features": args.init_features, "bn_size": 4, "outputs": data.labels + ["AP"],
                   "input": [1, SIZE, SIZE], "range": [-1024, 1024]},
        "parameters": sum(p.numel() for p in net.parameters()),
        "parameters_and_buffers": sum(v.numel() for v in net.state_dict().values()),
        "images": len(data.patients),
        "recipe": recipe,
        "training_seconds": {"folds": [p["seconds"] for p in parts], "final": final["seconds"]},
        "note": "auc_pooled and auc_mean_of_folds: models of the same recipe that never saw the patient",
        "ten_commonest": {"labels": [r["label"] for r in ten], "auc_pooled": mean_of_ten("auc_pooled"),
                          "auc_mean_of_folds": mean_of_ten("auc_mean_of_folds"),
                          "auc_by_fold": np.mean([r["auc_folds"] for r in ten], 0).tolist(),
                          "auc_teacher": mean_of_ten("auc_teacher")},
        "ap": {"auc_pooled": view["auc_pooled"], "auc_mean_of_folds": view["auc_mean_of_folds"]},
        "labels": rows,
    }
    if args.fullres:
        truth = torch.cat([data.truth[f[p["where"]]] for f, p in zip(folds, parts)])
        copies = torch.cat([p["logits"][p["where"]] for p in parts])
        originals = torch.cat([p["originals"] for p in parts if p["where"]])
        scored = [j for j in range(truth.shape[1]) if truth[:, j].sum() >= 4]
        names = data.labels + ["AP"]
        metrics["originals"] = {
            "images": len(truth),
            "note": "held-out patients, scored from the 1024-pixel original and from the 256-pixel copy",
            "largest_probability_difference": float((copies.sigmoid() - originals.sigmoid()).abs().max()),
            "labels": [{"label": names[j], "positives": int(truth[:, j].sum()),
                        "auc_original": auc(truth[:, j].numpy(), originals[:, j].numpy()),
                        "auc_copy": auc(truth[:, j].numpy(), copies[:, j].numpy())} for j in scored]}
    with open(os.path.join(args.out, "metrics.json"), "w") as f:
        json.dump(metrics, f, indent=1)

    print(f"{'label':20s} pos  pooled  folds  teacher  prev   mean p")
    for r in rows:
        teacher = f"{r['auc_teacher']:.3f}" if r["auc_teacher"] is not None else "    -"
        print(f"{r['label']:20s} {r['positives']:3d}  {r['auc_pooled']:.3f}   {r['auc_mean_of_folds']:.3f}  {teacher}"
              f"    {r['prevalence']:.3f}  {r['mean_probability_out_of_fold']:.3f}")
    print(f"ten commonest: pooled {mean_of_ten('auc_pooled'):.3f}, mean of folds {mean_of_ten('auc_mean_of_folds'):.3f}; "
          f"AP {view['auc_mean_of_folds']:.3f}")


if __name__ == "__main__":
    main()
