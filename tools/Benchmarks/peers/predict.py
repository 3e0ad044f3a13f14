#!/usr/bin/env python3
"""Prints the class scores of one image as a Python program would get them.

usage: predict.py torchxrayvision|onnxruntime|onnxruntime-pillow MODEL IMAGE

Imports only what the way it is asked for needs. `onnxruntime` prepares the image as torchxrayvision
does; `onnxruntime-pillow` resizes with Pillow, which gives other pixels but imports less.
"""

import json
import sys

SIDE = 224


def with_torchxrayvision(model_file, image_file):
    import pathlib

    import torch

    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "fixtures"))
    from reference import import_torchxrayvision

    xrv = import_torchxrayvision()
    model = torch.load(model_file, weights_only=False)
    image = xrv.utils.load_image(image_file)
    image = xrv.datasets.XRayCenterCrop()(image)
    image = xrv.datasets.XRayResizer(SIDE, engine="skimage")(image)
    with torch.inference_mode():
        return model.classifier(model.features2(torch.from_numpy(image)[None].float()))[0]


def with_onnxruntime(model_file, image_file, pillow=False):
    import numpy as np
    import onnxruntime
    from PIL import Image

    image = Image.open(image_file).convert("L")
    left, top = ((extent - min(image.size)) // 2 for extent in image.size)
    image = image.crop((left, top, left + min(image.size), top + min(image.size)))
    if pillow:
        pixels = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)
    else:
        from skimage.transform import resize

        pixels = np.asarray(image, np.float32)
    pixels = (2 * (pixels / 255) - 1) * 1024
    if not pillow:
        pixels = resize(pixels, (SIDE, SIDE), mode="constant", preserve_range=True)
    session = onnxruntime.InferenceSession(model_file, providers=["CPUExecutionProvider"])
    return session.run(None, {"image": pixels.astype(np.float32)[None, None]})[0][0]


WAYS = {
    "torchxrayvision": with_torchxrayvision,
    "onnxruntime": with_onnxruntime,
    "onnxruntime-pillow": lambda *files: with_onnxruntime(*files, pillow=True),
}

if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in WAYS:
        sys.exit(__doc__)
    print(json.dumps(WAYS[sys.argv[1]](*sys.argv[2:]).tolist()))
