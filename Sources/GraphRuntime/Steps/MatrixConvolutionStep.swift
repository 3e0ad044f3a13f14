import CKernels
import GraphIR

/// `Convolution` over planar images by laying windows out as a matrix: slow, but it takes any
/// groups and any window.
struct MatrixConvolutionStep: Step {
  private let kernels: Kernels
  private let operands: Convolution.Operands<Location>
  private let result: Place
  private let window: zoo_window
  private let groups: Int
  private let outputs: Int
  private let relu: Bool
  private let rowsAtOnce: Int

  var path: String? { ConvolutionPath.matrix.rawValue }

  /// Floats of laid-out windows that a task works on.
  private static let windowBudget = 1 << 17

  init(
    _ op: Convolution, shape: ConvolutionShape, operands: Convolution.Operands<Location>,
    result: Place, kernels: Kernels
  ) {
    self.kernels = kernels
    self.operands = operands
    self.result = result
    groups = shape.groups
    outputs = shape.outputs
    relu = op.activation == .relu
    window = zoo_window(
      shape.geometry, window: shape.window, channels: shape.inputs, image: shape.image,
      result: shape.result)
    let rowSize = max(1, shape.inputs * shape.taps * shape.result.width)
    rowsAtOnce = max(1, min(shape.result.height, Self.windowBudget / rowSize))
  }

  private var pieces: Int { (window.out_height + rowsAtOnce - 1) / rowsAtOnce }
  private var taps: Int { window.channels * window.window_height * window.window_width }

  func taskCount(threads: Int) -> Int { threads == 1 ? 1 : groups * pieces }
  var scratchSize: Int {
    let (floats, overflow) = (taps * rowsAtOnce).multipliedReportingOverflow(
      by: window.out_width * 4)
    // More than there is, which no workspace will give.
    return overflow ? 1 << 60 : min(floats, 1 << 60)
  }
  var floatingPointOperations: Int {
    2 * groups * outputs * taps * window.out_height * window.out_width
  }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    if threads == 1 {
      for task in 0..<groups * pieces { run(piece: task, scratch: scratch, in: memory) }
    } else {
      run(piece: task, scratch: scratch, in: memory)
    }
  }

  private func run(piece: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let table = kernels.table.pointee
    let group = piece / pieces
    let first = piece % pieces * rowsAtOnce
    let rows = min(rowsAtOnce, window.out_height - first)
    let matrix = scratch.assumingMemoryBound(to: Float.self)
    let source =
      memory.floats(operands.image) + group * window.channels * window.height * window.width
    withUnsafePointer(to: window) { table.im2col(matrix, source, $0, first, rows) }

    let (pixels, plane) = (rows * window.out_width, window.out_height * window.out_width)
    let output = group * outputs
    let offset = output * plane + first * window.out_width
    let target = memory.floats(at: result) + offset
    table.gemm(
      target, plane, memory.floats(operands.weight) + output * taps, taps, matrix, pixels,
      outputs, pixels, taps)
    if let residual = operands.residual {
      for row in 0..<outputs {
        var grid = zoo_grid(
          extent: (1, 1, 1, pixels), a_step: (0, 0, 0, 1), b_step: (0, 0, 0, 1))
        let at = target + row * plane
        table.binary(at, at, memory.floats(residual) + offset + row * plane, &grid, zoo_add)
      }
    }
    if operands.bias != nil || relu {
      let bias = operands.bias.map { memory.floats($0) + output }
      table.add_bias(target, bias, outputs, pixels, plane, relu)
    }
  }
}
