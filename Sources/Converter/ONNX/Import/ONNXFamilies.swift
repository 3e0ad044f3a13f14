extension ONNXImporter {
  /// The families of ops, one file each.
  static let families: [[String: ONNXHandler]] = [
    conditionals,
    ConvolutionOps.table,
    PoolingOps.table,
    NormalizationOps.table,
    ResizeOps.table,
    PaddingOps.table,
    ArithmeticOps.table,
    ActivationOps.table,
    ComparisonOps.table,
    MatrixProductOps.table,
    EinsumOps.table,
    ReductionOps.table,
    SoftmaxOps.table,
    MovementOps.table,
    ShapingOps.table,
    ScatterOps.table,
    ConstantsOps.table,
  ]
}
