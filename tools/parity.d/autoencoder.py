"""torchxrayvision's autoencoder."""

import torch

from common import settle, xrv
from published import Published


class Autoencoder(Published):
    name = "resnetae-101-elastic"
    file = "nihpcrsnamimic_ch-resnet101-2-ae-test2-elastic-e250.pt"
    # Other sizes are refused by either side.
    resizes = False

    def __init__(self, is_old):
        self.saving = {} if not is_old else {"_use_new_zipfile_serialization": False}

    def write(self, path, batch):
        network = settle(xrv.autoencoders.ResNetAE101(), batch, branches=[".bn3"])
        torch.save(network.state_dict(), path, **self.saving)

    def upstream(self, path):
        return xrv.autoencoders.ResNetAE(weights="101-elastic", cache_dir=str(path.parent))

    def outputs(self, model, images):
        results = model(images)
        return {"latent": results["z"], "reconstruction": results["out"]}


MODELS = [Autoencoder(is_old=False), Autoencoder(is_old=True)]
