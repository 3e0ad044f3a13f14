/// Tar archives written out by hand, with headers that are right unless somebody changes them.
enum TarBytes {
  typealias P = PickleBytes

  static func header(_ name: String, size: String, kind: UInt8 = 0x30) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    header.replaceSubrange(124..<124 + size.utf8.count, with: size.utf8)
    header[156] = kind
    header.replaceSubrange(257..<262, with: "ustar".utf8)
    return summed(header)
  }

  /// A header with the checksum that belongs to it.
  static func summed(_ header: [UInt8]) -> [UInt8] {
    var header = header
    header.replaceSubrange(148..<156, with: repeatElement(0x20, count: 8))
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    header.replaceSubrange(148..<148 + sum.utf8.count, with: sum.utf8)
    return header
  }

  static func member(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let padding = (512 - bytes.count % 512) % 512
    return header(name, size: String(bytes.count, radix: 8)) + bytes
      + [UInt8](repeating: 0, count: padding)
  }

  static func archive(_ members: [(String, [UInt8])]) -> [UInt8] {
    members.flatMap { member($0.0, $0.1) } + [UInt8](repeating: 0, count: 1_024)
  }

  static func pickle(_ object: [UInt8]) -> [UInt8] { [0x80, 2] + object + P.stop }

  /// One storage of four floats, numbered 7.
  static func storages(
    count: Int = 1, elements: Int = 4, type: String = "FloatStorage", views: [UInt8] = P.emptyList
  ) -> [UInt8] {
    pickle(P.int(count))
      + pickle(P.tuple([P.int(7), P.text("cpu"), P.global("torch", type)]))
      + P.little(elements) + P.floats([1, 2, 3, 4]) + pickle(views)
  }

  /// One tensor on it, numbered 9.
  static func tensors(
    storage: Int = 7, rank: Int32 = 1, shape: Int = 4, stride: Int = 1, offset: Int = 0
  ) -> [UInt8] {
    pickle(P.int(1)) + pickle(P.tuple([P.int(9), P.int(storage), P.global("torch", "Tensor")]))
      + P.little(rank) + P.little(Int32(0)) + P.little(shape) + P.little(stride)
      + P.little(offset)
  }

  static func checkpoint(
    storages: [UInt8] = storages(), tensors: [UInt8] = tensors(),
    object: [UInt8] = P.stateDict([("w", P.text("9") + [0x51])])
  ) -> [UInt8] {
    archive([("storages", storages), ("tensors", tensors), ("pickle", pickle(object))])
  }
}
