"""Reads what torchxrayvision states about its weights.

extract.py                      prints labels, operating points, sizes and URLs as JSON
extract.py --check MANIFEST     compares a manifest with them; exit code 1 where they differ

Needs torchxrayvision 1.5.7. Python prints a float with as many digits as give the same float back.
"""

import inspect
import json
import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures"))
from reference import import_torchxrayvision  # noqa: E402

xrv = import_torchxrayvision()

# The manifest's name of each class of baseline_models that knows its own weights.
BASELINES = {
    "jfhealthcare-densenet121": xrv.baseline_models.jfhealthcare.DenseNet,
    "chexpert-densenet121-ensemble": xrv.baseline_models.chexpert.DenseNet,
    "chestx-det-pspnet": xrv.baseline_models.chestx_det.PSPNet,
    "cxas-unet-resnet50": xrv.baseline_models.chestx_anatomy.UNetResNet50,
    "emory-hiti-race": xrv.baseline_models.emory_hiti.RaceModel,
    "mira-sex": xrv.baseline_models.mira.SexModel,
    "riken-age": xrv.baseline_models.riken.AgeModel,
    "xinario-view": xrv.baseline_models.xinario.ViewModel,
}


def points(values):
    return None if values is None else [None if math.isnan(point) else point for point in values]


def core():
    """The models of models.py, whose table tells everything."""
    stated = {}
    for name, facts in xrv.models.model_urls.items():
        if re.match("(densenet121|resnet50)-", name):
            stated[name] = {
                "url": facts["weights_url"],
                "resolution": facts["input_resolution"],
                "labels": [label or None for label in facts["labels"]],
                "operatingPoints": points(facts["op_threshs"]),
                "ppv80": points(facts.get("ppv80_thres")),
                "aliases": [other for other, same in xrv.models.model_urls.items()
                            if same is facts and other != name],
            }
    return stated


def url_and_resolution(kind):
    """The address and the size that stand in a class's source."""
    text = inspect.getsource(inspect.getmodule(kind))
    url = re.search(r'"(https://github.com/[^"]+/)"\s*"([^"]+)"', text)
    url = url[1] + url[2] if url else re.search(r"""url = ['"](https://[^'"]+)['"]""", text)[1]
    size = re.search(r"fix_resolution\(x, (\d+)", text) or re.search(
        r"input_resolution = (\d+)", text)
    return url, int(size[1])


def baselines():
    """The classes of baseline_models, whose facts stand in their source."""
    stated = {}
    for name, kind in BASELINES.items():
        url, resolution = url_and_resolution(kind)
        # CheXpert's names a page where the weights are to be had, and not a file.
        stated[name] = {
            "url": url if "/releases/" in url else None,
            "resolution": resolution, "labels": list(kind.targets),
        }
    return stated


def autoencoders():
    tables = {
        "resnetae-": xrv.autoencoders.model_urls,
        "": xrv.baseline_models.ieee8023.model_urls,
    }
    return {
        prefix + name: {
            "url": facts["weights_url"], "resolution": facts["resolution"], "labels": [],
        }
        for prefix, table in tables.items() for name, facts in table.items()
    }


def listed(manifest):
    """The same of a manifest's entries."""
    return {
        entry["name"]: {
            "url": entry["source"].get("url"),
            "resolution": entry["input"]["resolution"],
            "labels": entry["labels"],
            "operatingPoints": entry.get("operatingPoints"),
            "ppv80": entry.get("otherOperatingPoints", {}).get("ppv80"),
            "aliases": entry.get("aliases", []),
        }
        for entry in manifest["models"]
    }


def differences(stated, found):
    for name in stated:
        if name not in found:
            yield f"{name} is missing"
            continue
        for key, value in stated[name].items():
            # The zoo may have names of its own beside upstream's.
            same = (set(value) <= set(found[name][key]) if key == "aliases"
                    else value == found[name][key])
            if not same:
                yield f"{name}: {key} is {found[name][key]} instead of {value}"


def main(arguments):
    stated = {**core(), **baselines(), **autoencoders()}
    if arguments[:1] != ["--check"]:
        print(json.dumps(stated, indent=2))
        return
    with open(arguments[1]) as file:
        found = listed(json.load(file))
    wrong = list(differences(stated, found))
    for line in wrong:
        print(line)
    if wrong:
        sys.exit(f"{arguments[1]} differs from torchxrayvision {xrv.__version__}")
    print(f"{len(stated)} entries agree with torchxrayvision {xrv.__version__}")


main(sys.argv[1:])
