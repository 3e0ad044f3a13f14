/// What values take in memory, in bytes: never less than they do, as a small file must not fill it.
///
/// An array that grows lies in memory three times for a moment, once as it was and twice as it will
/// be; a block of its own costs its header and rounding.
enum PickleCost {
  /// A value's place in the heap.
  static let place = 3 * MemoryLayout<PickleValue>.stride
  /// A block of memory around some bytes.
  static let block = 48
  /// A handle in a container, and what looking for tensors in it takes.
  static let element = 48
  /// An entry of a dictionary, and what looking for tensors in it takes.
  static let pair = 96
  /// A remembered object.
  static let memo = 48
}

extension PickleValue {
  /// Bytes that the value takes with all that it alone holds.
  var byteCount: Int { PickleCost.place + ownByteCount }

  private var ownByteCount: Int {
    switch self {
    case .none, .bool, .integer, .longInteger, .float, .bytes: 0
    case .text(let text), .unsupportedTensor(let text), .unsupportedElement(let text),
      .global(.opaque(let text)):
      PickleCost.block + text.utf8.count
    case .global: 0
    case .list, .tuple, .set: PickleCost.block + elementCount * PickleCost.element
    case .dictionary: PickleCost.block + elementCount * PickleCost.pair
    case .object: PickleCost.block + MemoryLayout<PickleObject>.stride
    case .storage: PickleCost.block + MemoryLayout<StorageReference>.stride
    case .tensor(let record):
      3 * PickleCost.block + MemoryLayout<TensorRecord>.stride
        + 2 * record.shape.count * MemoryLayout<Int>.stride
    }
  }
}
