#!/usr/bin/env python3
"""One peer, running inferences on demand; it obeys the orders that `benchmarks serve` obeys.

usage: engines.py ENGINE CASE PRECISION THREADS

Prints `ready` with facts as JSON, or `missing` with the reason. Then each line of standard input
is an order: `run N` runs N inferences and prints their milliseconds, `outputs` prints the class
scores of the batch. CASE is a position in the list of cases.py.
"""

import json
import os
import sys
import time

import numpy as np

from cases import CASES
from environment import cache

# Images in each of the requests that OpenVINO is given at once for throughput; of 1, 2, 4, 8 and
# all 16, it was the fastest on two cores.
REQUEST = 4


class Missing(Exception):
    """Why an engine cannot take part."""


def pytorch(case, precision, threads, compiled=False):
    """Inference mode, channels last, autocast for bfloat16; compiled: TorchInductor with frozen
    weights, as its documentation recommends for inference on CPUs."""
    if compiled:
        # Read when torch is imported.
        os.environ["TORCHINDUCTOR_FREEZING"] = "1"
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(cache("inductor"))
    import torch

    from networks import images, network

    torch.set_num_threads(threads)
    model = network(case).to(memory_format=torch.channels_last)
    if compiled:
        model = torch.compile(model)
    batch = images(case)

    def run():
        # Frozen weights are for no_grad; inference mode says more and is quicker otherwise.
        with torch.no_grad() if compiled else torch.inference_mode():
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                inputs = torch.from_numpy(batch).to(memory_format=torch.channels_last)
                return model(inputs).float().numpy()

    words = "torch.compile, frozen" if compiled else "eager"
    words += ", channels last" + (", autocast" if precision == "bf16" else "")
    return torch.__version__, words, run


def onnxruntime(case, precision, threads):
    """All optimisations, spinning as by default; it has no bfloat16 convolutions on CPUs."""
    if precision != "f32":
        raise Missing(f"no {precision} convolutions on CPUs")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_free_dimension_override_by_name("batch", case.batch)
    session = onnxruntime.InferenceSession(
        str(onnx_file(case)), options, providers=["CPUExecutionProvider"])
    batch = images(case)
    return onnxruntime.__version__, "all optimisations", lambda: session.run(
        None, {"image": batch})[0]


def openvino(case, precision, threads, hint="LATENCY"):
    """The hint for latency, one stream; or for throughput, parts of the batch all at once."""
    import openvino

    images_a_request = case.batch if hint == "LATENCY" else min(REQUEST, case.batch)
    model = openvino.Core().read_model(onnx_file(case))
    model.reshape([images_a_request, *case.shape[1:]])
    settings = {
        "PERFORMANCE_HINT": hint,
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision,
    }
    if hint == "LATENCY":
        settings["NUM_STREAMS"] = 1
    compiled = openvino.Core().compile_model(model, "CPU", settings)
    used = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
    if used != {"f32": "f32", "bf16": "bf16"}[precision]:
        raise Missing(f"this processor has no {precision} in OpenVINO")
    batch = images(case)
    found = openvino.__version__.partition("-")[0]
    if hint == "LATENCY":
        return found, "latency hint", lambda: compiled(batch, share_inputs=True)[0]

    queue = openvino.AsyncInferQueue(
        compiled, compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
    scores = [None] * (case.batch // images_a_request)
    queue.set_callback(
        lambda request, part: scores.__setitem__(part, request.get_output_tensor().data.copy()))

    def run():
        for part in range(len(scores)):
            start = part * images_a_request
            queue.start_async({0: batch[start:start + images_a_request]}, part, share_inputs=True)
        queue.wait_all()
        return np.concatenate(scores)

    return found, f"throughput hint, requests of {images_a_request}", run


ENGINES = {
    "pytorch": pytorch,
    "pytorch-compiled": lambda *run: pytorch(*run, compiled=True),
    "onnxruntime": onnxruntime,
    "openvino": openvino,
    "openvino-throughput": lambda *run: openvino(*run, hint="THROUGHPUT"),
}


def onnx_file(case):
    return cache(f"{case.network}-{case.size}.onnx")


def images(case):
    """As networks.py has them; kept in a file, so that torch is not imported beside a peer."""
    return np.load(cache(f"{case.network}-{case.size}-{case.batch}.npy"))


def serve(run):
    for line in sys.stdin:
        order, _, number = line.strip().partition(" ")
        if order == "run":
            times = []
            for _ in range(int(number)):
                start = time.perf_counter()
                run()
                times.append((time.perf_counter() - start) * 1000)
            answer = {"milliseconds": times}
        else:
            answer = {"outputs": run().flatten().tolist()}
        print(json.dumps(answer), flush=True)


def main(engine, case, precision, threads):
    try:
        found, words, run = ENGINES[engine](CASES[int(case)], precision, int(threads))
        run()
    except (Missing, ImportError) as error:
        print(f"missing {error}", flush=True)
        return
    facts = {"version": found, "configuration": words, "precision": precision}
    print("ready", json.dumps(facts), flush=True)
    serve(run)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
