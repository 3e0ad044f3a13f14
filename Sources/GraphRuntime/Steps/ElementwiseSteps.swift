import CKernels
import GraphIR

/// Numbers that one task of an element-wise step works on: enough to be worth a task, few enough
/// to stay in the cache.
private let elementsPerTask = 1 << 15

/// `ChannelAffine`: a few channels a task.
struct ChannelAffineStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let scale: Location
  private let shift: Location
  private let result: Int
  private let plane: Int
  private let relu: Bool
  private let channels: Tiles

  init(
    _ op: ChannelAffine, image: Location, scale: Location, shift: Location, result: Int,
    shape: Shape, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.scale, self.shift, self.result) = (image, scale, shift, result)
    plane = shape[2] * shape[3]
    relu = op.activation == .relu
    channels = Tiles(count: shape[1], limit: max(1, elementsPerTask / max(1, plane)))
  }

  var taskCount: Int { channels.tileCount }
  var floatingPointOperations: Int { 2 * channels.count * plane }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let tile = channels[task]
    kernels.table.pointee.channel_affine(
      memory.result(at: result) + tile.lowerBound * plane,
      memory[image] + tile.lowerBound * plane, memory[scale] + tile.lowerBound,
      memory[shift] + tile.lowerBound, tile.count, plane, relu)
  }
}

/// A ReLU that found no op to join.
struct ReluStep: Step {
  private let kernels: Kernels
  private let operand: Location
  private let result: Int
  private let elements: Tiles

  init(operand: Location, result: Int, shape: Shape, kernels: Kernels) {
    self.kernels = kernels
    (self.operand, self.result) = (operand, result)
    elements = Tiles(count: shape.elementCount, limit: elementsPerTask)
  }

  var taskCount: Int { elements.tileCount }
  var floatingPointOperations: Int { elements.count }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let tile = elements[task]
    kernels.table.pointee.relu(
      memory.result(at: result) + tile.lowerBound, memory[operand] + tile.lowerBound, tile.count)
  }
}

/// `Binary` over broadcast operands of at most four axes, as one task.
struct BinaryStep: Step {
  private let kernels: Kernels
  private let a: Location
  private let b: Location
  private let result: Int
  private let grid: zoo_grid
  private let function: zoo_binary_function

  init?(
    _ op: Binary, a: Location, b: Location, result: Int, aShape: Shape, bShape: Shape,
    resultShape: Shape, kernels: Kernels
  ) {
    guard resultShape.count <= 4 else { return nil }
    self.kernels = kernels
    (self.a, self.b, self.result) = (a, b, result)
    func four(_ values: [Int], padding: Int) -> (Int, Int, Int, Int) {
      let all = Array(repeating: padding, count: 4 - values.count) + values
      return (all[0], all[1], all[2], all[3])
    }
    grid = zoo_grid(
      extent: four(resultShape.dimensions, padding: 1),
      a_step: four(aShape.steps(in: resultShape), padding: 0),
      b_step: four(bShape.steps(in: resultShape), padding: 0))
    switch op.function {
    case .add: function = zoo_add
    case .subtract: function = zoo_subtract
    case .multiply: function = zoo_multiply
    case .divide, .maximum, .minimum: return nil
    }
  }

  var taskCount: Int { 1 }
  var floatingPointOperations: Int {
    grid.extent.0 * grid.extent.1 * grid.extent.2 * grid.extent.3
  }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    withUnsafePointer(to: grid) {
      kernels.table.pointee.binary(memory.result(at: result), memory[a], memory[b], $0, function)
    }
  }
}
