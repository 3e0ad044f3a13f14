import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// What a conversion did.
public struct Conversion: Sendable {
  /// The native file.
  public let output: URL
  /// What the source was, such as `pytorch-legacy-module`.
  public let sourceKind: String
  /// The architecture that its tensors belong to.
  public let architecture: String
  /// The architecture's configuration.
  public let configuration: JSONValue
  /// What the native file says of the model.
  public let description: ModelDescription
  /// How many tensors were written.
  public let tensorCount: Int
  /// The native file's size.
  public let byteCount: Int
  /// The source file's SHA-256.
  public let sourceDigest: String
  /// Facts about the source, and what a reader of the conversion should know.
  public let facts: [(name: String, value: String)]
  /// How much rounding to a smaller type cost, the worst tensor; nil where nothing was rounded.
  public let rounding: Rounding?
}

extension Zoo {
  /// Converts a weight file to a native file.
  ///
  /// - Parameters:
  ///   - path: a PyTorch checkpoint or safetensors file; its content decides. A native file keeps
  ///     what it says of its model.
  ///   - output: the native file; the source with the extension `.safetensors` where nil.
  ///   - model: the published model that it is: gives labels, operating points and the rest.
  ///   - architecture: the architecture to take; nil recognises it.
  ///   - dtype: the type to store real numbers in; nil keeps the file's. Tensors with numbers
  ///     beyond its range stay float32, as the variances of images in -1024...1024 often are
  ///     beyond float16's.
  /// - Returns: what was written where, and from what.
  /// - Throws: an error that names the file and the reason; nothing is left half-written.
  @discardableResult
  public func convert(
    _ path: String, to output: String? = nil, as model: String? = nil,
    architecture: String? = nil, dtype: DType? = nil
  ) throws -> Conversion {
    let entry = try model.map { try manifest.entry(named: $0) }
    let foreign = try ForeignFile(path: path)
    let beside = URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".safetensors"
    let destination = try Destination(output ?? beside, inputs: [path])
    return try write(
      foreign, digest: try foreign.digest(), to: destination.url, as: entry,
      architecture: architecture,
      dtype: dtype)
  }

  func write(
    _ foreign: ForeignFile, digest: String, to url: URL, as entry: ManifestEntry?,
    architecture: String? = nil, dtype: DType? = nil
  ) throws -> Conversion {
    let weights = try RecognizedWeights(
      foreign.tensors, in: catalog, architecture: architecture, file: foreign.path)
    // A file whose bytes are those of a published one is that model, whoever asks.
    let entry = try entry ?? manifest.entries.first { $0.source.sha256 == digest }
    try entry?.check(
      architecture: weights.architecture.id, configuration: weights.configuration,
      file: foreign.path)
    var facts = foreign.facts
    // A native file says itself which model it is and where it came from.
    let own = try foreign.profile.map { try ModelDescription(json: $0.model, file: foreign.path) }
    let description = try entry?.model ?? own ?? weights.description(fileName: foreign.path)
    if entry == nil, own == nil {
      facts.append(
        ("labels", "none known, the outputs are numbered; --as MODEL takes a published model's"))
    }
    let source = WeightProfile.Source(
      url: entry.flatMap { $0.source.sha256 == digest ? $0.source.url : nil }, sha256: digest,
      kind: foreign.kind, name: URL(fileURLWithPath: foreign.path).lastPathComponent)
    let profile = WeightProfile(
      architecture: .init(id: weights.architecture.id, configuration: weights.configuration),
      model: description.json, source: foreign.profile?.source ?? source)
    var rounding: Rounding?
    let tensors = weights.tensors.map { name, tensor in
      let stored = tensor.storageType(asked: dtype)
      if let dtype, stored != dtype, tensor.dtype.isFloatingPoint {
        facts.append(("kept in \(stored.rawValue)", "\(name), too large for \(dtype.rawValue)"))
      }
      return TensorToWrite(name: name, dtype: stored, shape: tensor.shape) {
        guard stored != tensor.dtype, let rounded = tensor.rounded(to: stored) else {
          return tensor
        }
        rounding = Rounding.worse(rounding, rounded.loss)
        return rounded.tensor
      }
    }
    let written = try WeightFile.write(profile, tensors: tensors, to: url)
    return Conversion(
      output: url, sourceKind: foreign.kind, architecture: weights.architecture.id,
      configuration: weights.configuration, description: description,
      tensorCount: tensors.count, byteCount: written.byteCount, sourceDigest: digest,
      facts: facts, rounding: rounding)
  }
}

extension Tensor {
  /// The type to store the values in where one is asked for.
  fileprivate func storageType(asked dtype: DType?) -> DType {
    guard let dtype, self.dtype.isFloatingPoint else { return self.dtype }
    let limit: Float = dtype == .float16 ? 65504 : .infinity
    // Infinities and NaN of the file itself survive in any type.
    let overflows = floats()?.contains { $0.isFinite && $0.magnitude > limit } ?? false
    return overflows ? .float32 : dtype
  }
}

extension ManifestEntry {
  /// Checks that a file's network is the one that the entry describes.
  func check(
    architecture id: String, configuration: JSONValue, file: String
  ) throws(ZooError) {
    guard architecture.id == id else {
      throw .otherArchitecture(file: file, model: name, expected: architecture.id, found: id)
    }
    guard architecture.configuration == configuration else {
      throw .otherConfiguration(
        file: file, model: name, expected: architecture.configuration, found: configuration)
    }
  }
}
