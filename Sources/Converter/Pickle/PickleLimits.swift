/// Bounds on what one pickle may ask for; real checkpoints stay far below each.
package enum PickleLimits {
  /// Bytes of values that any pickle may make; a tensor takes some 4,000 with all that says it.
  package static let memoryFloor = 24 << 20
  /// One more byte of values for so many bytes of the file.
  package static let bytesPerMemory = 2
  /// Bytes of values that no pickle may exceed, which also keeps their number below 2^31.
  package static let memoryCeiling = 1 << 32
  /// Objects on the stack; a pickler writes containers in batches of 1,000.
  package static let stack = 1 << 18
  /// Open marks: one a nesting level of a container being filled.
  package static let marks = 1 << 14
  /// Bytes of one text; the longest real ones are the source files in legacy whole modules.
  package static let text = 1 << 24
  /// Bytes of one whole number in binary, or digits of one in text.
  package static let integer = 1 << 10
  /// Bytes of a pickle inside an archive, which may be inflated into memory.
  package static let record = 1 << 28
  /// Bytes in the name of a module or a class; Python's own are far shorter.
  package static let name = 1_000

  /// Bytes that the values of one pickle may take in a file of so many.
  package static func memory(fileSize: Int) -> Int {
    min(memoryFloor + fileSize / bytesPerMemory, memoryCeiling)
  }
}
