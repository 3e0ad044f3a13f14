import GraphIR

/// Where everything goes in a safetensors file that is going to be written; `Format.md` gives the
/// rules.
struct FileLayout {
  /// Data starts at a multiple of this, which suits vector loads and cache lines.
  static let alignment = 64

  /// The tensors in the order of the file.
  let tensors: [TensorToWrite]
  /// Where each of them starts, in bytes from the start of the file.
  let offsets: [Int]
  /// Where the last one ends.
  let byteCount: Int
  /// The bytes in front of the first tensor: length, header and padding.
  private let dataOffset: Int

  /// Checks and orders what is going to be written.
  ///
  /// - Parameters:
  ///   - tensors: in any order.
  ///   - metadata: the file's `__metadata__` as JSON, or another text of its length.
  /// - Throws: `WeightFileError.Problem` where a tensor cannot be written, or they are too many.
  init(
    _ tensors: [TensorToWrite], metadata: String
  ) throws(WeightFileError.Problem) {
    var names = Set<String>()
    for tensor in tensors {
      guard 1...WeightFile.nameLimit ~= tensor.name.utf8.count,
        tensor.name != SafetensorsHeader.metadataKey
      else { throw .unwritableName(tensor.name, limit: WeightFile.nameLimit) }
      guard names.insert(tensor.name).inserted else { throw .duplicateName(tensor.name) }
      guard tensor.dtype.isInSafetensors else {
        throw .unwritableDType(tensor.dtype, tensor: tensor.name)
      }
    }
    // Widest elements first: no gaps are allowed, and so every tensor is aligned to its elements.
    self.tensors = tensors.sorted { a, b in
      a.dtype.byteWidth != b.dtype.byteWidth
        ? a.dtype.byteWidth > b.dtype.byteWidth
        : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    let header = Self.header(self.tensors, metadata: metadata)
    let unpadded = SafetensorsHeader.prefixLength + header.utf8.count
    let dataOffset = (unpadded + Self.alignment - 1) / Self.alignment * Self.alignment
    let length = dataOffset - SafetensorsHeader.prefixLength
    guard length <= SafetensorsHeader.lengthLimit else {
      throw .headerTooLong(length, limit: SafetensorsHeader.lengthLimit)
    }
    self.dataOffset = dataOffset
    var end = dataOffset
    offsets = self.tensors.map { tensor in
      defer { end += tensor.byteCount }
      return end
    }
    byteCount = end
  }

  /// The bytes in front of the data, with metadata that are as long as those of `init`.
  func lengthAndHeader(metadata: String) -> [UInt8] {
    let length = UInt64(dataOffset - SafetensorsHeader.prefixLength)
    var bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    bytes += Self.header(tensors, metadata: metadata).utf8
    precondition(bytes.count <= dataOffset, "metadata longer than announced")
    bytes += repeatElement(UInt8(ascii: " "), count: dataOffset - bytes.count)
    return bytes
  }

  private static func header(_ tensors: [TensorToWrite], metadata: String) -> String {
    var header = "{\"\(SafetensorsHeader.metadataKey)\":\(metadata)"
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.byteCount
      let entry = JSONValue.object([
        "dtype": .string(tensor.dtype.rawValue),
        "shape": .array(tensor.tensor.shape.dimensions.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ])
      header += ",\(JSONValue.string(tensor.name).text):\(entry.text)"
      offset = end
    }
    return header + "}"
  }
}
