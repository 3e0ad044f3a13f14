import GraphIR

/// Where everything goes in a native file; `Format.md` gives the rules.
struct FileLayout {
  /// Data starts at a multiple of this, which suits vector loads and cache lines.
  static let alignment = 64

  /// The tensors in the order of the file.
  let tensors: [TensorToWrite]
  /// Where the first tensor starts, in bytes from the start of the file.
  let dataOffset: Int
  private let profile: WeightProfile

  /// Checks and orders what is going to be written.
  init(_ profile: WeightProfile, _ tensors: [TensorToWrite]) throws(WeightFileError.Problem) {
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
    var end = 0
    for tensor in self.tensors {
      guard let count = tensor.shape.checkedByteCount(of: tensor.dtype),
        case let (sum, overflow) = end.addingReportingOverflow(count), !overflow
      else { throw .unwritableShape(tensor.shape, tensor: tensor.name) }
      end = sum
    }
    self.profile = profile
    // Digests have one length, so the header of the finished file is as long as this one.
    let placeholders = names.map { ($0, HeaderDigest.placeholder) }
    let digests = Dictionary(uniqueKeysWithValues: placeholders)
    // What cannot be read back must not be written: numbers that are not finite, too deep nesting.
    _ = try WeightProfile.parse(profile.json(tensorDigests: digests).text)
    let header = Self.header(profile, self.tensors, tensorDigests: digests)
    let unpadded = SafetensorsHeader.prefixLength + header.utf8.count
    dataOffset = (unpadded + Self.alignment - 1) / Self.alignment * Self.alignment
    let length = dataOffset - SafetensorsHeader.prefixLength
    guard length <= SafetensorsHeader.lengthLimit else {
      throw .headerTooLong(length, limit: SafetensorsHeader.lengthLimit)
    }
  }

  /// The bytes in front of the data, with the header's own digest in place.
  func lengthAndHeader(tensorDigests: [String: String]) -> [UInt8] {
    let length = UInt64(dataOffset - SafetensorsHeader.prefixLength)
    var bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) }
    bytes += Self.header(profile, tensors, tensorDigests: tensorDigests).utf8
    bytes += repeatElement(UInt8(ascii: " "), count: dataOffset - bytes.count)
    let digest = bytes.withUnsafeBytes { HeaderDigest.of($0) }
    bytes.replaceSubrange(HeaderDigest.range, with: digest.utf8)
    return bytes
  }

  private static func header(
    _ profile: WeightProfile, _ tensors: [TensorToWrite], tensorDigests: [String: String]
  ) -> String {
    let profileText = profile.json(tensorDigests: tensorDigests).text
    var header = HeaderDigest.opening + HeaderDigest.placeholder
    header += "\",\"\(WeightProfile.key)\":\(JSONValue.string(profileText).text)}"
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.shape.elementCount * tensor.dtype.byteWidth
      let entry = JSONValue.object([
        "dtype": .string(tensor.dtype.rawValue),
        "shape": .array(tensor.shape.dimensions.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ])
      header += ",\(JSONValue.string(tensor.name).text):\(entry.text)"
      offset = end
    }
    return header + "}"
  }
}
