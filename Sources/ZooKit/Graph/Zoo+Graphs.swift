import Converter
import GraphIR
import WeightFiles

/// What can be run on tensors: a model of a known architecture, or a graph that a file describes
/// itself.
public enum Network: Sendable {
  case model(Model)
  case graph(GraphModel)
}

extension Zoo {
  /// The id under which native files carry the graphs of ONNX models.
  static let graphArchitecture = "onnx"

  /// Loads whatever a name means, see `load(_:)`; ONNX models and the native files made of them are
  /// graphs.
  ///
  /// - Throws: an error that names the model or file and the reason.
  public func network(_ name: String) throws -> Network {
    guard case .file(let path) = try reference(name), let model = try graph(in: path) else {
      return .model(try load(name))
    }
    return .graph(try GraphModel(model, execution: execution, file: path))
  }

  /// The ONNX model that a file is or carries; nil for all other files.
  func graph(in path: String) throws -> ONNXModel? {
    if try FileKind.sniff(contentsOf: path) == .onnx { return try ONNXModel(contentsOf: path) }
    guard let native = try WeightFile(nativeAt: path),
      native.profile.architecture.id == Self.graphArchitecture
    else { return nil }
    return try locating(path) {
      try ONNXModel(json: native.profile.architecture.configuration, tensors: native.tensors)
    }
  }
}
