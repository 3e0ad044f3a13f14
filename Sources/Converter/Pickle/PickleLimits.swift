/// Bounds on what one pickle may ask for; real checkpoints stay far below each.
package enum PickleLimits {
  /// Nodes in the arena, 24 bytes each, so at most 100 MB; a large checkpoint has some 100,000.
  package static let objects = 1 << 22
  /// Handles in all containers together, at most 8 bytes each: what copying containers can cost.
  package static let elements = 1 << 23
  /// Objects on the stack; a pickler writes containers in batches of 1,000.
  package static let stack = 1 << 20
  /// Open marks: one a nesting level of a container being filled.
  package static let marks = 1 << 14
  /// Remembered objects; a pickler remembers each object once.
  package static let memo = 1 << 21
  /// Bytes of one text; the longest real ones are the source files in legacy whole modules.
  package static let text = 1 << 24
  /// Bytes of one whole number in binary, or digits of one in text.
  package static let integer = 1 << 10
  /// Bytes of a pickle inside an archive, which may be inflated into memory.
  package static let record = 1 << 28
  /// Bytes in the name of a module or a class; Python's own are far shorter.
  package static let name = 1_000
}
