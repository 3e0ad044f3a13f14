"""CheXpert's ensemble: here a few members of each group, in a zip of checkpoints."""

import io
import json
import pathlib
import zipfile

import torch
import torchvision

from common import settle, xrv
from published import Published

TASKS = ["No Finding", "Cardiomegaly", "Edema", "Consolidation", "Atelectasis", "Pleural Effusion"]


class CheXpert(Published):
    name = "chexpert-densenet121-ensemble"
    file = "chexpert.zip"
    labels = xrv.baseline_models.chexpert.DenseNet.targets
    images = 1
    members = 2

    def write(self, path, batch):
        folder = pathlib.Path(xrv.baseline_models.chexpert.__file__).parent
        groups = json.loads((folder / "predict_configs.json").read_text())["task2models"]
        members = {
            (member["ckpt_path"], member["is_3class"])
            for group in groups.values() for member in group[: self.members]
        }
        batch = batch.repeat(2, 3, 1, 1) / 512
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, has_three_classes in sorted(members):
                network = torchvision.models.densenet121(weights=None)
                network.classifier = torch.nn.Linear(
                    1024, len(TASKS) * (3 if has_three_classes else 1))
                settle(network, batch)
                content = {
                    "task_sequence": {task: index for index, task in enumerate(TASKS)},
                    "model_state": {
                        "module.model." + key: value for key, value in network.state_dict().items()
                    },
                    "ckpt_info": {"epoch": 3, "iteration": 336000},
                }
                stream = io.BytesIO()
                torch.save(content, stream, _use_new_zipfile_serialization=False)
                archive.writestr(name, stream.getvalue())

    def changed(self, entry):
        entry["architecture"]["configuration"]["members"] = self.members
        return entry

    def upstream(self, path):
        return xrv.baseline_models.chexpert.DenseNet(
            weights_zip=str(path), num_models=self.members)

    def outputs(self, model, images):
        return {"probabilities": model(images), "features": model.features(images)}

    def predictions(self, outputs):
        return outputs["probabilities"]


MODELS = [CheXpert()]
