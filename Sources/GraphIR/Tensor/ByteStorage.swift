/// Immutable bytes that tensors share: a heap block, or a file mapping.
///
/// The bytes never change after `init`, so reading from any thread is safe.
public final class ByteStorage: @unchecked Sendable {
  /// The bytes; valid as long as this object lives, for which the user must see: `withUnsafeBytes`
  /// is the safer way.
  public let bytes: UnsafeRawBufferPointer
  private let release: @Sendable (UnsafeRawBufferPointer) -> Void
  /// Whether pages of memory that are given back are read from a file again.
  let isFileMapping: Bool

  /// Takes over memory that somebody else made, such as a mapping.
  ///
  /// - Parameters:
  ///   - bytes: memory that must not change any more.
  ///   - release: called once, when the last user is gone.
  public convenience init(
    adopting bytes: UnsafeRawBufferPointer,
    release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) {
    self.init(bytes, isFileMapping: false, release: release)
  }

  init(
    _ bytes: UnsafeRawBufferPointer, isFileMapping: Bool,
    release: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) {
    self.bytes = bytes
    self.isFileMapping = isFileMapping
    self.release = release
  }

  /// Reserves `count` bytes, aligned for vector loads, and lets `initialize` fill them.
  public convenience init(
    count: Int, initialize: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    if count >= Self.leastMapped, let memory = Self.mapped(count) {
      do { try initialize(memory) } catch {
        Self.unmap(UnsafeRawBufferPointer(memory))
        throw error
      }
      self.init(adopting: UnsafeRawBufferPointer(memory), release: Self.unmap)
      return
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    do { try initialize(memory) } catch {
      memory.deallocate()
      throw error
    }
    self.init(adopting: UnsafeRawBufferPointer(memory)) { $0.deallocate() }
  }

  /// Bytes from which a block is mapped by itself: given back, it leaves the process at once, where
  /// the heap would keep it.
  ///
  /// Folded weights come and go by dozens while a network is compiled.
  private static let leastMapped = 128 << 10

  deinit { release(bytes) }

  /// Lends the bytes, and keeps them alive meanwhile.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(self) { try body(bytes) }
  }
}
