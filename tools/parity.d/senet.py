"""RIKEN's age model: SENet-154 with fastai's head, as TorchScript."""

import torch

from common import settle, xrv
from published import Published
from resnet import imagenet


class Pools(torch.nn.Module):
    """fastai's AdaptiveConcatPool2d: the maxima, then the means."""

    def forward(self, x):
        largest = torch.nn.functional.adaptive_max_pool2d(x, 1)
        return torch.cat([largest, torch.nn.functional.adaptive_avg_pool2d(x, 1)], 1)


def network():
    import timm

    body = timm.create_model("legacy_senet154", pretrained=False)
    layers = [body.layer0, body.layer1, body.layer2, body.layer3, body.layer4]
    head = [
        Pools(), torch.nn.Flatten(), torch.nn.BatchNorm1d(4096), torch.nn.Dropout(0.25),
        torch.nn.Linear(4096, 512), torch.nn.ReLU(), torch.nn.BatchNorm1d(512),
        torch.nn.Dropout(0.5), torch.nn.Linear(512, 1),
    ]
    # As fastai's: the pooling of the stem stands in its own place there.
    layers[0].add_module("pool", body.pool0) if hasattr(body, "pool0") else None
    return torch.nn.Sequential(torch.nn.Sequential(*layers), torch.nn.Sequential(*head))


class Age(Published):
    name = "riken-age"
    file = "baseline_models_riken_xray_age_every_model_age_senet154_v2_tl_26_ft_7_fp32.pt"
    labels = ["Age"]
    images = 2

    def write(self, path, batch):
        batch = imagenet(batch.repeat(1, 3, 1, 1))
        trained = settle(network(), torch.cat([batch, batch.flip(3)]), branches=[".bn3"])
        with torch.no_grad():
            # Years, and some decades between the images.
            trained[1][-1].weight *= 10
            trained[1][-1].bias.fill_(50)
            torch.jit.trace(trained, batch[:1]).save(str(path))
        self.network = trained

    def upstream(self, path):
        return xrv.baseline_models.riken.AgeModel()

    def outputs(self, model, images):
        results = {"age": model(images)}
        fixed = xrv.utils.fix_resolution(images.repeat(1, 3, 1, 1), 320, model)
        x = self.network[0](imagenet(fixed))
        for layer in self.network[1][:8]:
            x = layer(x)
        return {**results, "features": x}

    def predictions(self, outputs):
        return outputs["age"]


MODELS = [Age()]
