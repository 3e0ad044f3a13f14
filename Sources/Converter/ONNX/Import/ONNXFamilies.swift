extension ONNXImporter {
  /// The families of ops, one file each.
  static let families: [[String: ONNXHandler]] = []
}
