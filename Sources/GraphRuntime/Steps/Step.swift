import CKernels
import GraphIR

/// One op of a compiled graph: independent tasks, cut by the op's shape alone.
///
/// A step's file holds how the op is cut and which kernels it calls. Tasks must not depend on
/// which thread runs them, or on how many there are: that is what makes results reproducible.
protocol Step: Sendable {
  /// How many independent pieces the work has.
  var taskCount: Int { get }
  /// Floats of private memory that each running task needs.
  var scratchSize: Int { get }
  /// Multiplications and additions of the whole step, for profiles.
  var floatingPointOperations: Int { get }
  /// Computes one piece.
  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory)
}

extension Step {
  var scratchSize: Int { 0 }
  var floatingPointOperations: Int { 0 }
}

/// Where an operand lies when the graph runs.
enum Location: Sendable {
  /// In the arena, at this float.
  case arena(Int)
  /// A weight or literal, alive as long as the step.
  case constant(ConstantFloats)
}

/// The memory of one running inference.
struct Memory {
  let arena: UnsafeMutablePointer<Float>

  /// The operand's first float.
  subscript(location: Location) -> UnsafePointer<Float> {
    switch location {
    case .arena(let offset): UnsafePointer(arena + offset)
    case .constant(let floats): floats.pointer
    }
  }

  /// The first float of a result.
  func result(at offset: Int) -> UnsafeMutablePointer<Float> { arena + offset }
}

/// Constant values as aligned 32-bit floats: the tensor's own bytes where they are that already.
final class ConstantFloats: @unchecked Sendable {
  let pointer: UnsafePointer<Float>
  // Keeps the bytes alive, mapped or converted.
  private let owner: Tensor

  init?(_ tensor: Tensor) {
    let base = tensor.withUnsafeBytes { $0.baseAddress }
    if tensor.dtype == .float32, let base, UInt(bitPattern: base) % 4 == 0 {
      owner = tensor
    } else {
      guard let floats = tensor.floats() else { return nil }
      owner = Tensor(shape: tensor.shape, floats)
    }
    // The storage that `owner` holds is immutable and does not move.
    guard let address = owner.withUnsafeBytes({ $0.baseAddress }) else { return nil }
    pointer = address.assumingMemoryBound(to: Float.self)
  }
}

/// Cuts `count` units into pieces of at most `size`.
package struct Tiles: Sendable {
  package let count: Int
  package let size: Int

  package var tileCount: Int { (count + size - 1) / size }

  package subscript(tile: Int) -> Range<Int> { tile * size..<min(count, (tile + 1) * size) }
}

extension Tiles {
  /// Pieces of nearly equal size, none larger than `limit`, at least `pieces` of them where there
  /// are that many units.
  package init(count: Int, limit: Int, atLeast pieces: Int = 1) {
    let wanted = max((count + limit - 1) / max(limit, 1), min(pieces, count), 1)
    self.init(count: count, size: max(1, (count + wanted - 1) / wanted))
  }
}
