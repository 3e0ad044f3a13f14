import Foundation
import GraphIR

/// A tensor that is going to be written: its place in the header is known before its values are.
public struct TensorToWrite {
  /// The name in the file.
  public let name: String
  /// The element type in the file.
  public let dtype: DType
  /// The extents, outermost first.
  public let shape: Shape
  /// Makes the values when their turn comes, so that one tensor at a time is in memory.
  public let load: () throws -> Tensor

  /// Announces a tensor whose values are made later.
  ///
  /// - Parameters:
  ///   - name: the name in the file.
  ///   - dtype: the element type that `load` will give.
  ///   - shape: the extents that `load` will give.
  ///   - load: called once; what it throws ends the writing.
  public init(name: String, dtype: DType, shape: Shape, load: @escaping () throws -> Tensor) {
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.load = load
  }

  /// Announces a tensor that is there already.
  public init(name: String, _ tensor: Tensor) {
    self.init(name: name, dtype: tensor.dtype, shape: tensor.shape) { tensor }
  }
}

extension WeightFile {
  /// What was written.
  public struct Written: Hashable, Sendable {
    /// The size of the file.
    public let byteCount: Int
    /// The SHA-256 of the whole file.
    public let sha256: String
  }

  /// Bytes that a tensor's name may have; longer ones are mistakes.
  static let nameLimit = 1024

  /// Writes a native file; a file of that name is replaced, at once and only on success.
  ///
  /// The same profile and tensors give the same bytes, in whatever order the tensors come. The data
  /// goes to a temporary file in the same folder, is synced, and renamed; the temporary file is
  /// removed when anything fails.
  ///
  /// - Parameters:
  ///   - profile: what the file says about the tensors.
  ///   - tensors: the tensors; each is loaded once, in the order of the file.
  ///   - url: the destination, in a folder that exists.
  /// - Returns: the size and digest of the file.
  /// - Throws: `WeightFileError`, or whatever `load` throws.
  @discardableResult
  public static func write(
    _ profile: WeightProfile, tensors: [TensorToWrite], to url: URL
  ) throws -> Written {
    let layout: FileLayout
    do {
      layout = try FileLayout(profile, tensors)
    } catch {
      throw WeightFileError(file: url.path, problem: error)
    }
    let output = try AtomicFile(replacing: url)
    defer { output.discard() }
    var digests = [String: String]()
    var offset = layout.dataOffset
    for announced in layout.tensors {
      let tensor = try announced.load()
      guard tensor.dtype == announced.dtype, tensor.shape == announced.shape else {
        throw WeightFileError(file: url.path, problem: .unannounced(tensor: announced.name))
      }
      try tensor.withUnsafeBytes {
        digests[announced.name] = sha256(of: $0)
        try output.write($0, at: offset)
      }
      offset += tensor.byteCount
    }
    try layout.lengthAndHeader(tensorDigests: digests).withUnsafeBytes {
      try output.write($0, at: 0)
    }
    return try output.commit()
  }
}
