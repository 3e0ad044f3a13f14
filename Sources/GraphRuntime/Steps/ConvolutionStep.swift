import CKernels
import GraphIR

/// A convolution as matrix products: weights `[outChannels][taps]` times windows
/// `[taps][pixels]`.
///
/// A 1×1 convolution of stride 1 finds its windows in the image as it lies; any other lays them
/// out first, some rows of the result at a time, which bounds the memory that takes.
struct ConvolutionStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let weight: Location
  private let bias: Location?
  private let result: Int
  private let window: zoo_window  // of one group
  private let groups: Int
  private let groupOutputs: Int
  private let relu: Bool
  private let isPointwise: Bool
  private let outputTiles: Tiles
  // Pixels for a 1×1 convolution, rows of the result for any other.
  private let pixelTiles: Tiles

  /// Floats of laid-out windows that a task works on, 2 MiB: the matrix product reads them once, to
  /// pack them, so longer products gain more than a fit into the second-level cache would.
  private static let windowBudget = 1 << 19
  /// Pieces that a layer is cut into where it is large enough, to keep several threads busy.
  private static let pieces = 4

  init(
    _ op: Convolution, image: Location, weight: Location, bias: Location?, result: Int,
    imageShape: Shape, weightShape: Shape, resultShape: Shape, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.weight, self.bias, self.result) = (image, weight, bias, result)
    groups = op.groups
    groupOutputs = weightShape[0] / op.groups
    relu = op.activation == .relu
    window = zoo_window(
      op.geometry, window: Size2D(height: weightShape[2], width: weightShape[3]),
      channels: weightShape[1], image: imageShape, result: resultShape)
    isPointwise =
      weightShape[2] == 1 && weightShape[3] == 1 && op.geometry == WindowGeometry()
    // A layer without input channels has no taps.
    let taps = max(1, weightShape[1] * weightShape[2] * weightShape[3])
    if isPointwise {
      let pixels = resultShape[2] * resultShape[3]
      pixelTiles = Tiles(count: pixels, limit: max(64, Self.windowBudget / taps))
      // Few pixels: cutting the outputs keeps the products wide.
      outputTiles = Tiles(
        count: groupOutputs, limit: groupOutputs,
        atLeast: min(
          (Self.pieces + pixelTiles.tileCount - 1) / pixelTiles.tileCount,
          max(1, groupOutputs / 16)))
    } else {
      let width = max(1, resultShape[3])
      pixelTiles = Tiles(
        count: resultShape[2], limit: max(1, Self.windowBudget / (taps * width)),
        atLeast: Self.pieces)
      outputTiles = Tiles(count: groupOutputs, limit: groupOutputs)
    }
  }

  var taskCount: Int { groups * pixelTiles.tileCount * outputTiles.tileCount }

  var scratchSize: Int {
    isPointwise ? 0 : taps * pixelTiles.size * window.out_width
  }

  var floatingPointOperations: Int {
    2 * groups * groupOutputs * taps * window.out_height * window.out_width
  }

  private var taps: Int { window.channels * window.window_height * window.window_width }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let pixelTile = pixelTiles[task % pixelTiles.tileCount]
    let rest = task / pixelTiles.tileCount
    let outputs = outputTiles[rest % outputTiles.tileCount]
    let group = rest / outputTiles.tileCount

    let source = memory[image] + group * window.channels * window.height * window.width
    let matrix: UnsafePointer<Float>
    let matrixStride: Int
    let pixels: Range<Int>
    let plane = window.out_height * window.out_width
    if isPointwise {
      (matrix, matrixStride, pixels) = (source + pixelTile.lowerBound, plane, pixelTile)
    } else {
      withUnsafePointer(to: window) {
        kernels.table.pointee.im2col(scratch, source, $0, pixelTile.lowerBound, pixelTile.count)
      }
      pixels =
        pixelTile.lowerBound * window.out_width..<pixelTile.upperBound * window.out_width
      (matrix, matrixStride) = (UnsafePointer(scratch), pixels.count)
    }

    let output = group * groupOutputs + outputs.lowerBound
    let target = memory.result(at: result) + output * plane + pixels.lowerBound
    kernels.multiply(
      rows: outputs.count, columns: pixels.count, inner: taps,
      memory[weight] + output * taps, aStride: taps, matrix, bStride: matrixStride,
      into: target, cStride: plane)
    if bias != nil || relu {
      kernels.table.pointee.add_bias(
        target, bias.map { memory[$0] + output }, outputs.count, pixels.count, plane, relu)
    }
  }
}

extension zoo_window {
  init(
    _ geometry: WindowGeometry, window: Size2D, channels: Int, image: Shape, result: Shape
  ) {
    self.init(
      channels: channels, height: image[2], width: image[3],
      window_height: window.height, window_width: window.width,
      stride_y: geometry.stride.height, stride_x: geometry.stride.width,
      padding_y: geometry.padding.top, padding_x: geometry.padding.left,
      dilation_y: geometry.dilation.height, dilation_x: geometry.dilation.width,
      out_height: result[2], out_width: result[3])
  }
}
