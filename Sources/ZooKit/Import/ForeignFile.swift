import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// A weight file to convert or to run: what it lists, and the values.
struct ForeignFile: Sendable {
  let listing: FileListing
  /// The values, in the order of the list; most are views of the mapped file.
  let tensors: [Tensor]
  /// How far they were checked while they were read.
  let verification: FileReport.Verification

  var path: String { listing.path }

  /// Reads a PyTorch checkpoint, a safetensors file or an ONNX model, whatever its name says, and checks every
  /// byte that carries a checksum.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - key: where in a checkpoint the tensors lie; nil finds them.
  /// - Throws: an error that names the file and the reason.
  init(path: String, key: String? = nil) throws {
    switch try FileKind.sniff(contentsOf: path) {
    case .safetensors:
      try refuseKey(key, file: path, kind: .safetensors)
      let url = URL(fileURLWithPath: path)
      if let native = try WeightFile(nativeAt: url) {
        try self.init(native, path)
      } else {
        self.init(try SafetensorsFile(contentsOf: url), path)
      }
    case .onnx:
      try refuseKey(key, file: path, kind: .onnx)
      self.init(try ONNXModel(contentsOf: path), path)
    default: self.init(try Checkpoint(contentsOf: path, key: key), path)
    }
  }

  /// Takes a native file whose digests were checked.
  ///
  /// - Throws: `ZooError` where it carries a graph that is none.
  init(_ native: WeightFile, _ path: String) throws {
    listing = try FileListing(native, path)
    tensors = native.names.compactMap { native.tensors[$0] }
    verification = .digests
  }

  private init(_ model: ONNXModel, _ path: String) {
    let named = model.json().tensors
    listing = FileListing(model, tensors: named, path)
    tensors = named.map(\.tensor)
    verification = .structure
  }

  private init(_ file: SafetensorsFile, _ path: String) {
    listing = FileListing(file, path)
    tensors = file.header.entries.map { file.tensor($0) }
    verification = .structure
  }

  private init(_ checkpoint: Checkpoint, _ path: String) {
    listing = FileListing(
      checkpoint,
      checkpoint.tensors.map {
        .init(name: $0.name, dtype: $0.tensor.dtype, shape: $0.tensor.shape)
      }, path)
    tensors = checkpoint.tensors.map(\.tensor)
    // All other containers are zip archives.
    let bare: Set<FileKind> = [.pyTorchLegacyStateDict, .pyTorchLegacyModule, .pyTorchTar]
    let hasChecksums = !bare.contains(checkpoint.kind) && !checkpoint.notes.contains(.noChecksums)
    verification = hasChecksums ? .checksums : .structure
  }

  /// Which model a native file says that it is; nil for the files of other programs.
  ///
  /// - Throws: `ManifestError`, which names the file.
  var description: ModelDescription? {
    get throws {
      try listing.profile.map { try ModelDescription(json: $0.model, file: path) }
    }
  }

  /// The parameters of a network under its own names.
  func parameters(of weights: RecognizedWeights) -> [(name: String, tensor: Tensor)] {
    weights.parameters.map { found in
      let tensor = tensors[found.index]
      return (found.name, found.rows.map(tensor.taking) ?? tensor)
    }
  }

  /// Names of tensors that share their values in the source, in the order of the file.
  ///
  /// PyTorch saves a tied weight once, and a part of a tensor as a view of the whole.
  var tied: [[String]] {
    let extents = tensors.indices.compactMap { index -> (range: Range<UInt>, index: Int)? in
      tensors[index].withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
        let start = UInt(bitPattern: base)
        return (start..<start + UInt(bytes.count), index)
      }
    }
    var groups = [[Int]]()
    var end: UInt = 0
    for (range, index) in extents.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if range.lowerBound < end {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
      end = max(end, range.upperBound)
    }
    return groups.filter { $0.count > 1 }.map { $0.sorted() }
      .sorted { $0[0] < $1[0] }
      .map { $0.map { listing.tensors[$0].name } }
  }
}

extension Tensor {
  /// Some rows, in the order given; all of them are there.
  fileprivate func taking(rows: [Int]) -> Tensor {
    let rowShape = shape.dropFirst()
    let rowSize = rowShape.reduce(dtype.byteWidth, *)
    let storage = withUnsafeBytes { bytes in
      ByteStorage(count: rows.count * rowSize) { memory in
        for (place, row) in rows.enumerated() {
          UnsafeMutableRawBufferPointer(rebasing: memory[(place * rowSize)...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: bytes[row * rowSize..<(row + 1) * rowSize]))
        }
      }
    }
    return Tensor(dtype: dtype, shape: Shape([rows.count] + rowShape), storage: storage)
  }
}

/// The SHA-256 of a whole file, 64 lower-case hexadecimal digits.
///
/// - Throws: `ZooError` where the file cannot be read.
func fileDigest(_ path: String) throws -> String {
  guard let digest = sha256(ofFile: path) else {
    throw ZooError.file(path, reason: "cannot be read")
  }
  return digest
}
