"""Reads what torchxrayvision states about the weights of its own models.

extract.py                      prints labels, operating points and URLs as JSON
extract.py --check MANIFEST     compares a manifest with them; exit code 1 where they differ

Needs torchxrayvision 1.5.7. Python prints a float with as many digits as give the same float back.
"""

import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fixtures"))
from reference import import_torchxrayvision  # noqa: E402

torchxrayvision = import_torchxrayvision()
# Full names of models begin so; what else stands in the dictionary are aliases.
CORE = ("densenet121-", "resnet50-")


def points(values):
    return values and [None if math.isnan(point) else point for point in values]


def facts():
    models = torchxrayvision.models
    for name, stated in models.model_urls.items():
        if not name.startswith(CORE):
            continue
        aliases = [other for other, same in models.model_urls.items()
                   if same is stated and other != name]
        yield {
            "name": name,
            "aliases": aliases,
            "url": stated["weights_url"],
            "resolution": stated["input_resolution"],
            "labels": [label or None for label in stated["labels"]],
            "operatingPoints": points(stated["op_threshs"]),
            "ppv80": points(stated.get("ppv80_thres")),
        }


def listed(manifest):
    for entry in manifest["models"]:
        if entry["name"].startswith(CORE):
            yield {
                "name": entry["name"],
                "aliases": entry["aliases"],
                "url": entry["source"]["url"],
                "resolution": entry["input"]["resolution"],
                "labels": entry["labels"],
                "operatingPoints": entry["operatingPoints"],
                "ppv80": entry.get("otherOperatingPoints", {}).get("ppv80"),
            }


def main(arguments):
    stated = list(facts())
    if arguments[:1] == ["--check"]:
        with open(arguments[1]) as file:
            found = list(listed(json.load(file)))
        if found != stated:
            sys.exit(f"{arguments[1]} differs from torchxrayvision {torchxrayvision.__version__}")
        print(f"{len(stated)} entries agree with torchxrayvision {torchxrayvision.__version__}")
    else:
        print(json.dumps(stated, indent=2))


main(sys.argv[1:])
