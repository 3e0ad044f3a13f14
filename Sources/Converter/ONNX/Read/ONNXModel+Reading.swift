import GraphIR

extension ONNXModel {
  /// Reads a model's file; tensors in other files beside it are read too.
  ///
  /// - Throws: `ONNXError` or `CheckpointError`, naming the file and the reason.
  public init(contentsOf path: String) throws {
    let storage = try ByteStorage.checkpoint(path)
    try self.init(storage, file: path, external: ExternalData(besides: path))
  }

  /// Reads a model from memory.
  ///
  /// - Parameters:
  ///   - storage: the bytes of a model's file; tensors in other files are refused.
  ///   - file: for messages.
  /// - Throws: `ONNXError`, naming the reason.
  package init(_ storage: ByteStorage, file: String) throws(ONNXError) {
    try self.init(storage, file: file, external: nil)
  }

  private init(
    _ storage: ByteStorage, file: String, external: ExternalData?
  ) throws(ONNXError) {
    do throws(ONNXProblem) {
      let lean = try withExtendedLifetime(storage) { () throws(ONNXProblem) in
        try LeanModel(storage.bytes)
      }
      var reader = ONNXReader(try UnpackedModel(lean), file: storage, external: external)
      self = try reader.model()
    } catch {
      throw ONNXError(file: file, problem: error)
    }
  }
}
