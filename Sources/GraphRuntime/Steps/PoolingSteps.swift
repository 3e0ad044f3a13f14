import CKernels
import GraphIR

/// `Pooling`: a few channels a task.
struct PoolingStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let result: Int
  private let window: zoo_window
  private let kind: Pooling.Kind
  private let channels: Tiles

  /// Pieces that a layer is cut into.
  private static let pieces = 8

  init(
    _ op: Pooling, image: Location, result: Int, imageShape: Shape, resultShape: Shape,
    kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.result, kind) = (image, result, op.kind)
    window = zoo_window(
      op.geometry, window: op.window, channels: imageShape[1], image: imageShape,
      result: resultShape)
    channels = Tiles(count: imageShape[1], limit: imageShape[1], atLeast: Self.pieces)
  }

  var taskCount: Int { channels.tileCount }
  var floatingPointOperations: Int {
    channels.count * window.out_height * window.out_width
      * window.window_height * window.window_width
  }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let tile = channels[task]
    var part = window
    part.channels = tile.count
    let source = memory[image] + tile.lowerBound * window.height * window.width
    let target =
      memory.result(at: result) + tile.lowerBound * window.out_height * window.out_width
    let kernel =
      kind == .maximum ? kernels.table.pointee.max_pool : kernels.table.pointee.average_pool
    kernel?(target, source, &part, 0, window.out_height)
  }
}

/// `SpatialMean`, as one task.
struct SpatialMeanStep: Step {
  let kernels: Kernels
  let image: Location
  let result: Int
  let shape: Shape

  var taskCount: Int { 1 }
  var floatingPointOperations: Int { shape.elementCount }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    kernels.table.pointee.plane_mean(
      memory.result(at: result), memory[image], shape[1], shape[2] * shape[3])
  }
}
