extension ONNXImporter {
  /// The families of ops, one file each.
  static let families: [[String: ONNXHandler]] = [
    ConvolutionOps.table,
    PoolingOps.table,
    NormalizationOps.table,
    ResizeOps.table,
    PaddingOps.table,
  ]
}
