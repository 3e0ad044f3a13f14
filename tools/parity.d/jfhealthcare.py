"""JF Healthcare's DenseNet with attention."""

import json
import pathlib
import sys

import torch

from common import settle, xrv
from published import Published


class JFHealthcare(Published):
    name = "jfhealthcare-densenet121"
    file = "baseline_models_jfhealthcare-DenseNet121_pre_train.pth"
    labels = xrv.baseline_models.jfhealthcare.DenseNet.targets
    images = 2

    def write(self, path, batch):
        module = xrv.baseline_models.jfhealthcare
        text = (pathlib.Path(module.__file__).parent / "config/example.json").read_text()
        configuration = type("Configuration", (), {**json.loads(text), "pretrained": False})
        network = module.classifier.Classifier(configuration)
        # A constant classifier would hide an error in what comes before it.
        for name, part in network.named_modules():
            if name.startswith("fc_"):
                torch.nn.init.normal_(part.weight, 0, 0.05)
        settle(network, batch.repeat(1, 3, 1, 1) / 512)
        torch.save(network.state_dict(), path, _use_new_zipfile_serialization=False)

    def upstream(self, path):
        # Its class asks for PyTorch's own weights first, which the file replaces: nothing is
        # downloaded here.
        densenet = sys.modules[
            xrv.baseline_models.jfhealthcare.classifier.densenet121.__module__]
        load, densenet.model_zoo.load_url = densenet.model_zoo.load_url, lambda *_: {}
        try:
            return xrv.baseline_models.jfhealthcare.DenseNet(apply_sigmoid=False)
        finally:
            densenet.model_zoo.load_url = load

    def outputs(self, model, images):
        logits = model(images)
        scaled = xrv.utils.fix_resolution(images.repeat(1, 3, 1, 1), 512, model) / 512
        features = model.model.module.backbone(scaled).mean((2, 3))
        return {"logits": logits, "features": features}

    def predictions(self, outputs):
        return torch.sigmoid(outputs["logits"])


MODELS = [JFHealthcare()]
