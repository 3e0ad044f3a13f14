"""The two networks that give masks."""

import torch

from common import settle, xrv
from published import Published
from resnet import imagenet


class Masks(Published):
    images = 1

    def outputs(self, model, images):
        maps = model(images)
        probabilities = torch.sigmoid(maps)
        return {
            "segmentation": maps,
            "probabilities": probabilities,
            "masks": (probabilities > 0.5).float(),
        }


class ChestXDet(Masks):
    name = "chestx-det-pspnet"
    file = "pspnet_chestxray_best_model_4.pth"
    labels = xrv.baseline_models.chestx_det.PSPNet.targets

    def write(self, path, batch):
        network = xrv.baseline_models.chestx_det.pspnet(len(self.labels))
        # The coarsest level of its pyramid has one pixel, so that two images make a statistic.
        batch = batch.repeat(2, 3, 1, 1) * torch.tensor([1, 0.5])[:, None, None, None]
        settle(network, imagenet(batch), branches=[".cb3.cb_unit.1"])
        torch.save(torch.nn.DataParallel(network).state_dict(), path)

    def upstream(self, path):
        return xrv.baseline_models.chestx_det.PSPNet(cache_dir=str(path.parent))


class Anatomy(Masks):
    name = "cxas-unet-resnet50"
    file = "baseline_models_cxas_UNet_ResNet50_default_repack.pth"
    labels = xrv.baseline_models.chestx_anatomy.TARGETS

    def write(self, path, batch):
        module = xrv.baseline_models.chestx_anatomy
        network = module.UNetResNet50(weights=False)
        settle(network, batch, branches=[".bn3"])
        state = {
            key.replace("backbone.backbone.", "backbone.", 1): value
            for key, value in network.state_dict().items()
        }
        torch.save({"model": state}, path)

    def upstream(self, path):
        return xrv.baseline_models.chestx_anatomy.UNetResNet50(cache_dir=str(path.parent))


MODELS = [ChestXDet(), Anatomy()]
