/// Names of ops and attributes, and what attributes that are texts say.
enum ONNXWords {
  static let ops: [[UInt8]] = [
    "Abs", "Add", "And", "ArgMax", "ArgMin", "AveragePool", "BatchNormalization", "Cast",
    "CastLike", "Ceil", "Celu", "Clip", "Concat", "Constant", "ConstantOfShape", "Conv",
    "ConvTranspose", "Cos", "CumSum", "DepthToSpace", "Div", "Dropout", "Elu", "Equal", "Erf",
    "Exp", "Expand", "EyeLike", "Flatten", "Floor", "Gather", "GatherElements", "GatherND",
    "Gelu", "Gemm", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Greater",
    "GreaterOrEqual", "GroupNormalization", "HardSigmoid", "HardSwish", "Identity", "If",
    "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LayerNormalization", "LeakyRelu",
    "Less", "LessOrEqual", "Log", "LogSoftmax", "Loop", "LpNormalization", "LpPool", "MatMul",
    "Max", "MaxPool", "Mean", "MeanVarianceNormalization", "Min", "Mish", "Mod", "Mul", "Neg",
    "NonZero", "Not", "OneHot", "Or", "PRelu", "Pad", "Pow", "Range", "Reciprocal", "ReduceL1",
    "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
    "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Resize", "Round",
    "ScatterND", "Selu", "Shape", "Sigmoid", "Sign", "Sin", "Size", "Slice", "Softmax",
    "Softplus", "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Swish",
    "Tanh", "ThresholdedRelu", "Tile", "Transpose", "Trilu", "Unsqueeze", "Upsample", "Where",
    "Xor",
  ].map { Array($0.utf8) }

  static let attributes: [[UInt8]] = [
    "allowzero", "alpha", "antialias", "approximate", "auto_pad", "axes", "axis", "beta", "bias",
    "blocksize", "broadcast", "ceil_mode", "center_point_box", "consumed_inputs",
    "coordinate_transformation_mode", "count_include_pad", "cubic_coeff_a", "detect_negative",
    "dilations", "dtype", "else_branch", "end", "ends", "epsilon", "exclude_outside", "exclusive",
    "extrapolation_value", "fmod", "gamma", "group", "height_scale", "is_test", "k", "keepdims",
    "keep_aspect_ratio_policy", "kernel_shape", "max", "min", "mode", "momentum", "nearest_mode",
    "noop_with_empty_axes", "num_groups", "num_outputs", "output_padding", "output_shape", "p",
    "pads", "perm", "repeats", "reverse", "scale", "scales", "select_last_index", "shape", "size",
    "sizes", "spatial", "split", "start", "starts", "steps", "storage_order", "strides",
    "then_branch", "tiles", "to", "training_mode", "transA", "transB", "upper", "value",
    "value_float", "value_floats", "value_int", "value_ints", "width_scale",
  ].map { Array($0.utf8) }

  static let values: [[UInt8]] = [
    "", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "constant", "reflect", "edge", "wrap",
    "nearest", "linear", "bilinear", "cubic", "half_pixel", "pytorch_half_pixel", "asymmetric",
    "align_corners", "tf_crop_and_resize", "half_pixel_symmetric", "tf_half_pixel_for_nn",
    "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "not_larger", "not_smaller",
    "stretch", "DCR", "CRD", "tanh", "none", "ai.onnx", "location", "offset", "length", "../x",
    "/etc/passwd", "0",
  ].map { Array($0.utf8) }
}
