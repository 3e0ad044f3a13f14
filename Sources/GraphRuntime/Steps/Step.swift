import CKernels
import GraphIR

/// One op of a compiled graph, which can be cut into independent tasks.
///
/// A step's file holds how the op is cut and which kernels it calls. However it is cut, every
/// number is computed by the same operations in the same order: that is what makes results
/// independent of threads.
protocol Step: Sendable {
  /// How many tasks the work is cut into for so many threads; one where there is one thread.
  func taskCount(threads: Int) -> Int
  /// Bytes of private memory that each running task needs.
  var scratchSize: Int { get }
  /// Multiplications and additions of the whole step as the graph has them, for profiles.
  var floatingPointOperations: Int { get }
  /// How the step computes, where there are several ways.
  var path: String? { get }
  /// Computes one of the tasks that the work is cut into for so many threads.
  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory)
}

extension Step {
  var scratchSize: Int { 0 }
  var floatingPointOperations: Int { 0 }
  var path: String? { nil }
}

/// Where a result lies in the arena.
struct Place: Hashable, Sendable {
  /// Its first byte.
  let offset: Int
  /// Bytes from one image of a batch to the next; 0 for what all share.
  var imageStride = 0
}

/// Where an operand lies when the graph runs.
enum Location: Sendable {
  /// In the arena.
  case arena(Place)
  /// A weight or literal, alive as long as the step.
  case constant(ConstantFloats, imageStride: Int = 0)

  /// The values where they are known beforehand.
  var constant: ConstantFloats? {
    if case .constant(let floats, _) = self { floats } else { nil }
  }

  /// The same place of one image after the other, so many bytes apart.
  func eachImage(_ stride: Int) -> Location {
    switch self {
    case .arena(let place): .arena(Place(offset: place.offset, imageStride: stride))
    case .constant(let floats, _): .constant(floats, imageStride: stride)
    }
  }
}

/// The memory of one running inference, as a step sees it that computes one image of a batch.
struct Memory {
  let arena: UnsafeMutableRawPointer
  /// Which image: 0 for steps that compute all at once.
  var image = 0

  /// The operand's first byte.
  subscript(location: Location) -> UnsafeRawPointer {
    switch location {
    case .arena(let place): UnsafeRawPointer(result(at: place))
    case .constant(let floats, let imageStride):
      UnsafeRawPointer(floats.pointer) + image * imageStride
    }
  }

  /// The first number of a planar operand.
  func floats(_ location: Location) -> UnsafePointer<Float> {
    self[location].assumingMemoryBound(to: Float.self)
  }

  /// The first byte of a result.
  func result(at place: Place) -> UnsafeMutableRawPointer {
    arena + place.offset + image * place.imageStride
  }

  /// The first number of a planar result.
  func floats(at place: Place) -> UnsafeMutablePointer<Float> {
    result(at: place).assumingMemoryBound(to: Float.self)
  }
}

/// Constant values as aligned 32-bit floats: the tensor's own bytes where they are that already.
final class ConstantFloats: @unchecked Sendable {
  let pointer: UnsafePointer<Float>
  let count: Int
  // Keeps the bytes alive, mapped or converted.
  private let owner: Tensor

  /// Lets go of the memory behind values that were copied into another form, see `Tensor`.
  func discardPages() { owner.discardPages() }

  /// Copies values, as many as the shape has elements.
  init(_ values: [Float], shape: Shape) {
    owner = Tensor(shape: shape, values)
    count = values.count
    guard let address = owner.withUnsafeBytes({ $0.baseAddress }) else {
      preconditionFailure("a tensor without memory")
    }
    pointer = address.assumingMemoryBound(to: Float.self)
  }

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
    count = tensor.shape.elementCount
  }
}
