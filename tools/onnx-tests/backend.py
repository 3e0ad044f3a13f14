"""ONNX's own backend tests, as models with inputs and the outputs that are expected."""

import dataclasses
import pathlib
import warnings

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

# The ops that the issue of the importer names, and that every test of floating-point numbers made of
# them alone has to pass.
PROMISED = set("""
Conv ConvTranspose Gemm MatMul BatchNormalization InstanceNormalization GroupNormalization
LayerNormalization LRN Relu LeakyRelu PRelu Elu Selu Celu Gelu HardSigmoid HardSwish Sigmoid Tanh
Softplus Softsign Erf Clip Exp Log Sqrt Pow Abs Neg Reciprocal Min Max Mean Sum Add Sub Mul Div Less
LessOrEqual Greater GreaterOrEqual Equal Where MaxPool AveragePool GlobalAveragePool GlobalMaxPool
LpPool ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
ReduceSum ReduceSumSquare Softmax LogSoftmax ArgMax ArgMin Concat Split Slice Gather Pad Reshape
Flatten Squeeze Unsqueeze Transpose Expand Tile Resize Upsample DepthToSpace SpaceToDepth Identity
Dropout Cast Constant ConstantOfShape Shape Size Range
""".split())
# What is expected is one draw of NumPy's random numbers: dropout as in training.
RANDOM = {"test_training_dropout" + end for end in ("", "_mask", "_default", "_default_mask")}
KINDS = ["node", "simple", "pytorch-operator", "pytorch-converted"]
REAL = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
# Whole numbers and truth values, that models of real numbers use for shapes, indices and masks.
OTHER = {TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL}


@dataclasses.dataclass
class Case:
    kind: str
    name: str
    model: onnx.ModelProto
    path: pathlib.Path | None
    # Inputs and expected outputs by name.
    data: list
    rtol: float
    atol: float

    @property
    def ops(self):
        return sorted({node.op_type for node in self.model.graph.node})

    @property
    def rank(self):
        """The most axes of the data of convolutions and pooling, less batch and channels."""
        return max((np.ndim(a) - 2 for inputs, outputs in self.data
                    for a in [*inputs.values(), *outputs.values()]), default=0)

    @property
    def is_promised(self):
        """Whether it is of real numbers and of nothing but the promised ops."""
        if not set(self.ops) <= PROMISED or self.name in RANDOM:
            return False
        types = set()
        for value in [*self.model.graph.input, *self.model.graph.output]:
            if not value.type.HasField("tensor_type"):
                return False
            types.add(value.type.tensor_type.elem_type)
        return bool(types & REAL) and types <= REAL | OTHER


def cases(kind):
    import onnx.backend.test.loader as loader

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            found = loader.load_model_tests(kind=kind)
    for case in found:
        if case.model is not None:
            yield Case(kind, case.name, case.model, None, memory_data(case), case.rtol, case.atol)
        else:
            folder = pathlib.Path(case.model_dir)
            model = onnx.load(folder / "model.onnx")
            yield Case(
                kind, case.name, model, folder / "model.onnx", list(folder_data(model, folder)),
                case.rtol, case.atol)


def memory_data(case):
    names = [v.name for v in case.model.graph.input]
    outs = [v.name for v in case.model.graph.output]
    return [(dict(zip(names, map(array, inputs))), dict(zip(outs, map(array, outputs))))
            for inputs, outputs in case.data_sets]


def array(value):
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else value


def folder_data(model, folder):
    weights = {t.name for t in model.graph.initializer}
    names = [v.name for v in model.graph.input if v.name not in weights]
    outs = [v.name for v in model.graph.output]
    for data in sorted(folder.glob("test_data_set_*")):
        yield (read(data, "input", names, model.graph.input),
               read(data, "output", outs, model.graph.output))


def read(folder, prefix, names, values):
    types = {v.name: v.type for v in values}
    arrays = {}
    for index, name in enumerate(names):
        content = (folder / f"{prefix}_{index}.pb").read_bytes()
        if types[name].HasField("tensor_type"):
            arrays[name] = numpy_helper.to_array(TensorProto.FromString(content))
        else:
            arrays[name] = None
    return arrays
