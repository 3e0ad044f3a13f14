import CZlib
import GraphIR

/// Some bytes in a larger block.
struct StorageBytes: Sendable {
  let storage: ByteStorage
  let range: Range<Int>

  /// The CRC-32 that zip archives carry.
  var checksum: UInt32 {
    storage.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.advanced(by: range.lowerBound)
      return UInt32(
        truncatingIfNeeded: crc32_z(0, start?.assumingMemoryBound(to: UInt8.self), range.count))
    }
  }

  /// The same bytes as a block of their own, which keeps the larger one alive.
  var block: ByteStorage {
    if range == 0..<storage.bytes.count { return storage }
    return ByteStorage(adopting: UnsafeRawBufferPointer(rebasing: storage.bytes[range])) {
      [storage] _ in withExtendedLifetime(storage) {}
    }
  }
}
