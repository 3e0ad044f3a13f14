/// Pickles and legacy checkpoints written out by hand, instruction by instruction.
enum PickleBytes {
  static let none: [UInt8] = [0x4e]
  static let emptyTuple: [UInt8] = [0x29]
  static let emptyList: [UInt8] = [0x5d]
  static let emptyDict: [UInt8] = [0x7d]
  static let mark: [UInt8] = [0x28]
  static let reduce: [UInt8] = [0x52]
  static let build: [UInt8] = [0x62]
  static let append: [UInt8] = [0x61]
  static let setItem: [UInt8] = [0x73]
  static let stop: [UInt8] = [0x2e]

  static func global(_ module: String, _ name: String) -> [UInt8] {
    Array("c\(module)\n\(name)\n".utf8)
  }

  static func text(_ text: String) -> [UInt8] {
    [0x58] + little(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  /// The eight bytes of a number as LONG1.
  static func int(_ value: Int) -> [UInt8] { [0x8a, 8] + little(value) }

  static func tuple(_ items: [[UInt8]]) -> [UInt8] { mark + items.flatMap { $0 } + [0x74] }

  static func ints(_ values: [Int]) -> [UInt8] { tuple(values.map(int)) }

  static func dict(_ items: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
    emptyDict + mark + items.flatMap { $0.key + $0.value } + [0x75]
  }

  static func stateDict(_ items: [(String, [UInt8])]) -> [UInt8] {
    dict(items.map { (text($0.0), $0.1) })
  }

  static func put(_ index: UInt8) -> [UInt8] { [0x71, index] }
  static func get(_ index: UInt8) -> [UInt8] { [0x68, index] }

  /// An object of a class, made by NEWOBJ and BUILD.
  static func object(_ module: String, _ name: String, state: [UInt8]) -> [UInt8] {
    global(module, name) + emptyTuple + [0x81] + state + build
  }

  static func storage(
    _ key: String = "1", count: Int, type: String = "FloatStorage", view: [UInt8] = none
  ) -> [UInt8] {
    tuple([
      text("storage"), global("torch", type), text(key), text("cpu"), int(count), view,
    ]) + [0x51]
  }

  static func tensor(
    _ storage: [UInt8], offset: Int = 0, size: [Int], stride: [Int]
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple([storage, int(offset), ints(size), ints(stride), [0x89], emptyDict]) + reduce
  }

  static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func floats(_ values: [Float]) -> [UInt8] { values.flatMap { little($0.bitPattern) } }
}

/// A legacy checkpoint around a hand-written object.
struct LegacyFile {
  var magic: [UInt8] = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
  var version: [UInt8] = [0x4d, 0xe9, 0x03]
  var object: [UInt8]
  /// Key, element count as written, bytes.
  var storages: [(key: String, count: Int, bytes: [UInt8])] = []

  var bytes: [UInt8] {
    let keys = PickleBytes.mark + storages.flatMap { PickleBytes.text($0.key) } + [0x65]
    var pickles = [magic, version, PickleBytes.emptyDict, object]
    pickles.append(PickleBytes.emptyList + keys)
    return pickles.flatMap { [0x80, 2] + $0 + PickleBytes.stop }
      + storages.flatMap { PickleBytes.little($0.count) + $0.bytes }
  }

  /// An object whose only storage is four floats: 1, 2, 3, 4.
  static func withFourFloats(_ object: [UInt8]) -> [UInt8] {
    LegacyFile(object: object, storages: [("1", 4, PickleBytes.floats([1, 2, 3, 4]))]).bytes
  }

  /// One tensor called `w` on those four floats.
  static func tensor(
    offset: Int = 0, size: [Int], stride: [Int], count: Int = 4
  ) -> [UInt8] {
    let tensor = PickleBytes.tensor(
      PickleBytes.storage(count: count), offset: offset, size: size, stride: stride)
    return withFourFloats(PickleBytes.stateDict([("w", tensor)]))
  }
}
