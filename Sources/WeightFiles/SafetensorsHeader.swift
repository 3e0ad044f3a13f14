import GraphIR

/// The table of contents of a safetensors file, checked against the length of the file.
///
/// After `init` every tensor lies inside the file, has exactly the bytes that its type and shape
/// need, and no byte of the data section belongs to none or to two of them.
///
/// Follows the `safetensors` crate's format description; the limits are ours.
public struct SafetensorsHeader: Hashable, Sendable {
  /// One line of the table.
  public struct Entry: Hashable, Sendable {
    /// The tensor's name.
    public let name: String
    /// The element type; never `complex128`, which safetensors lacks.
    public let dtype: DType
    /// The extents, outermost first.
    public let shape: Shape
    /// Where the values lie, in bytes from the start of the file.
    public let byteRange: Range<Int>
  }

  /// Bytes in front of the header: its length as a little-endian unsigned 64-bit number.
  static let prefixLength = 8
  /// The reference implementation's limit on the header, in bytes.
  static let lengthLimit = 100_000_000
  static let metadataKey = "__metadata__"

  /// The free-form strings of `__metadata__`; empty where the file has none.
  public let metadata: [String: String]
  /// The tensors in the order of their bytes.
  public let entries: [Entry]

  /// Where the first tensor starts, in bytes from the start of the file.
  static func dataOffset(of file: UnsafeRawBufferPointer) throws(WeightFileError.Problem) -> Int {
    guard file.count >= prefixLength else { throw .tooShort(byteCount: file.count) }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= lengthLimit, length <= file.count - prefixLength else {
      throw .headerLength(length, byteCount: file.count, limit: lengthLimit)
    }
    return prefixLength + Int(length)
  }

  /// Reads and checks the header of a whole file.
  ///
  /// - Parameter file: all bytes of the file; the data section is not touched.
  /// - Throws: `WeightFileError.Problem`.
  init(file: UnsafeRawBufferPointer) throws(WeightFileError.Problem) {
    let dataOffset = try Self.dataOffset(of: file)
    let members: [String: JSONValue]
    do {
      let text = UnsafeRawBufferPointer(rebasing: file[Self.prefixLength..<dataOffset])
      // The reference wants the brace in front; only what follows the object may be padding.
      guard text.first == UInt8(ascii: "{"), case .object(let object) = try JSONValue(parsing: text)
      else { throw WeightFileError.Problem.notSafetensors }
      members = object
    } catch let error as WeightFileError.Problem {
      throw error
    } catch let error as JSONSyntaxError {
      throw .headerSyntax(error)
    } catch {
      throw .notSafetensors
    }

    var metadata = [String: String]()
    var entries = [Entry]()
    // In the order of names, so that of two faults the same one is always told.
    for name in members.keys.sortedByUTF8() {
      guard let value = members[name] else { continue }
      if name == Self.metadataKey {
        metadata = try Self.metadata(from: value)
      } else {
        entries.append(
          try Self.entry(name, value, dataOffset: dataOffset, byteCount: file.count))
      }
    }
    // Empty tensors share their start with the next one; the name settles ties of two of them.
    entries.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound, $0.name)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound, $1.name)
    }
    var end = dataOffset
    for entry in entries {
      guard entry.byteRange.lowerBound == end else {
        throw .misplaced(tensor: entry.name, start: entry.byteRange.lowerBound, expected: end)
      }
      end = entry.byteRange.upperBound
    }
    guard end == file.count else { throw .dataEnd(end, byteCount: file.count) }
    self.metadata = metadata
    self.entries = entries
  }

  private static func metadata(
    from value: JSONValue
  ) throws(WeightFileError.Problem) -> [String: String] {
    guard case .object(let members) = value else { throw .metadata }
    var metadata = [String: String]()
    for (key, value) in members {
      guard case .string(let text) = value else { throw .metadata }
      metadata[key] = text
    }
    return metadata
  }

  private static func entry(
    _ name: String, _ value: JSONValue, dataOffset: Int, byteCount: Int
  ) throws(WeightFileError.Problem) -> Entry {
    guard case .string(let typeName)? = value["dtype"], case .array(let extents)? = value["shape"],
      case .array(let offsets)? = value["data_offsets"], offsets.count == 2,
      case .integer(let start) = offsets[0], case .integer(let end) = offsets[1]
    else { throw .entry(tensor: name) }
    guard let dtype = DType(rawValue: typeName), dtype.isInSafetensors else {
      throw .dtype(typeName, tensor: name)
    }
    var dimensions = [Int]()
    for extent in extents {
      guard case .integer(let extent) = extent, extent >= 0 else { throw .shape(tensor: name) }
      dimensions.append(extent)
    }
    let shape = Shape(dimensions)
    guard let needed = shape.checkedByteCount(of: dtype) else { throw .shape(tensor: name) }
    guard 0 <= start, start <= end, end <= byteCount - dataOffset else {
      throw .offsets(tensor: name, start: start, end: end, available: byteCount - dataOffset)
    }
    guard end - start == needed else {
      throw .size(tensor: name, found: end - start, expected: needed)
    }
    return Entry(
      name: name, dtype: dtype, shape: shape, byteRange: dataOffset + start..<dataOffset + end)
  }
}

extension DType {
  /// Whether safetensors has a name for the type.
  var isInSafetensors: Bool { self != .complex128 }
}

extension Shape {
  /// The size of a tensor in bytes, or nil where it does not fit an `Int`.
  func checkedByteCount(of dtype: DType) -> Int? {
    guard let count = checkedElementCount else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dtype.byteWidth)
    return overflow ? nil : bytes
  }
}
