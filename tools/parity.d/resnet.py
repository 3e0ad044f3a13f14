"""The residual networks: torchxrayvision's own, and those of view, race and sex."""

import torch
import torchvision

from common import settle, xrv
from published import Published, lightning


def pooled(network, images):
    """The map before the pooling, and its mean."""
    x = network.maxpool(network.relu(network.bn1(network.conv1(images))))
    for layer in (network.layer1, network.layer2, network.layer3, network.layer4):
        x = layer(x)
    return {"featureMap": x, "features": x.mean((2, 3))}


def imagenet(images):
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    deviation = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    return ((images + 1024) / 2048 - mean) / deviation


class Pathologies(Published):
    name = "resnet50-res512-all"
    file = "pc-nih-rsna-siim-vin-resnet50-test512-e400-state.pt"
    labels = xrv.models.model_urls["resnet50-res512-all"]["labels"]

    def write(self, path, batch):
        network = torchvision.models.resnet50(num_classes=18, weights=None)
        network.conv1 = torch.nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        torch.save(settle(network, batch).state_dict(), path)

    def upstream(self, path):
        return xrv.models.ResNet(weights=self.name)

    def outputs(self, model, images):
        images = xrv.utils.fix_resolution(images, 512, model)
        results = pooled(model.model, images)
        return {"logits": model.model.fc(results["features"]), **results}

    def predictions(self, outputs):
        points = torch.tensor(xrv.models.model_urls[self.name]["op_threshs"])
        return xrv.models.op_norm(torch.sigmoid(outputs["logits"]), points)


class OldPathologies(Pathologies):
    """The same file in the format from before PyTorch 1.6."""

    def write(self, path, batch):
        super().write(path, batch)
        torch.save(torch.load(path), path, _use_new_zipfile_serialization=False)


class Head(Published):
    """A torchvision network on three equal channels; upstream's class gives `logits`."""

    resolution = 224

    def scale(self, images):
        return imagenet(images)

    def outputs(self, model, images):
        logits = model(images)
        images = xrv.utils.fix_resolution(images, self.resolution, model)
        return {"logits": logits, **pooled(model.model, self.scale(images.repeat(1, 3, 1, 1)))}

    def predictions(self, outputs):
        return torch.softmax(outputs["logits"], 1)


class View(Head):
    name = "xinario-view"
    file = "xinario_chestViewSplit_resnet-50.pt"
    labels = xrv.baseline_models.xinario.ViewModel.targets
    # That two of the thousand outputs count is nowhere in the file.
    is_told_by_tensors = False

    def write(self, path, batch):
        network = settle(
            torchvision.models.resnet50(weights=None), self.scale(batch.repeat(1, 3, 1, 1)))
        # The original was written by PyTorch 0.2, which counted no batches.
        state = network.state_dict()
        torch.save({key: state[key] for key in state}, path)

    def upstream(self, path):
        return xrv.baseline_models.xinario.ViewModel()


class Race(Head):
    name = "emory-hiti-race"
    file = "resnet_race_detection_val-loss_0.157_mimic_public.pt"
    labels = ["Asian", "Black", "White"]
    resolution = 320

    def write(self, path, batch):
        network = torchvision.models.resnet34(weights=None)
        network.fc = torch.nn.Sequential(torch.nn.Linear(512, 3), torch.nn.LogSoftmax(dim=1))
        network = settle(network, self.scale(batch.repeat(1, 3, 1, 1)))
        torch.save(torch.nn.DataParallel(network).state_dict(), path)

    def upstream(self, path):
        return xrv.baseline_models.emory_hiti.RaceModel()


class Sex(Head):
    name = "mira-sex"
    file = "mira_sex_resnet-all_epoch_13-step_7125.ckpt"
    labels = ["Male", "Female"]
    # Values from 0 to 255 are this project's own way.
    is_told_by_tensors = False

    def scale(self, images):
        return (images + 1024) / 2048 * 255

    def write(self, path, batch):
        network = torchvision.models.resnet34(weights=None)
        network.fc = torch.nn.Linear(512, 2)
        network = settle(network, self.scale(batch.repeat(1, 3, 1, 1)))
        state = {"model." + key: value for key, value in network.state_dict().items()}
        torch.save(lightning(state), path)

    def upstream(self, path):
        return xrv.baseline_models.mira.SexModel()


MODELS = [Pathologies(), OldPathologies(), View(), Race(), Sex()]
