import CKernels
import GraphIR

/// `Convolution` over blocks of channels by one of the fast ways.
///
/// Tasks are rectangles of the result: some pixels, rows or tiles of some blocks of outputs.
struct ConvolutionStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  private let kernels: Kernels
  private let kind: ConvolutionPath
  private let image: Location
  private let residual: Location?
  private let result: Place
  private let weight: PackedWeights
  private let perChannel: [PackedWeights]
  private var convolution: zoo_convolution
  /// The weights that the next convolution will read, which this one asks for meanwhile.
  private var next: PackedWeights?
  private let cut: Cut
  /// Rows or tiles that a kernel computes at a time, as many as its scratch memory has room for.
  private let unitsAtOnce: Int
  let scratchSize: Int
  let floatingPointOperations: Int

  var path: String? { kind.rawValue }

  /// Scratch memory for gathered rows: a part of the second-level cache.
  private static let rowBudget = 384 << 10
  /// Tiles whose transforms share the reading of the weights: one tile of the matrix product.
  private static let tilesAtOnce = Int(zoo_winograd_tiles_at_once)

  init(
    _ op: Convolution, shape: ConvolutionShape, path: ConvolutionPath, precision: Precision,
    operands: Convolution.Operands<Location>, weights: ConstantFloats, result: Place,
    kernels: Kernels, packing: inout PackingJobs
  ) throws(RuntimeError) {
    self.kernels = kernels
    kind = path
    (image, residual, self.result) = (operands.image, operands.residual, result)
    let groups = shape.sharesBlocks ? Layout.blocks(shape.groups * shape.inputs) : shape.groups
    let isDepthwise = path == .depthwise
    let outputs =
      isDepthwise ? shape.groups : shape.sharesBlocks ? Layout.block : shape.outputs
    let inputs = shape.sharesBlocks && !isDepthwise ? Layout.block : shape.inputs
    let channels = shape.groups * shape.outputs

    let memory = packing.memory
    func vector(_ location: Location?, _ count: Int) throws(RuntimeError) -> PackedWeights {
      guard let floats = location?.constant else {
        return try .perChannel(nil, channels: count, in: memory)
      }
      return try .perChannel(floats, channels: count, in: memory)
    }
    let bias = try vector(operands.bias, channels)
    var convolution = zoo_convolution()
    convolution.window = zoo_window(
      shape.geometry, window: shape.window, channels: inputs, image: shape.image,
      result: shape.result)
    convolution.groups = groups
    convolution.outputs = outputs
    convolution.bias = bias.floats
    convolution.relu = op.activation == .relu
    convolution.bf16 = precision == .bfloat16
    var perChannel = [bias]
    if let prologue = operands.prologue {
      let scale = try vector(prologue.scale, shape.inputs)
      let shift = try vector(prologue.shift, shape.inputs)
      convolution.scale = scale.floats
      convolution.shift = shift.floats
      convolution.prologue_relu = op.prologue == .relu
      perChannel += [scale, shift]
    }
    weight = try PackedWeights(
      packing: weights, shape: shape, path: path, precision: precision, jobs: &packing)
    convolution.weight = UnsafeRawPointer(weight.bytes)
    self.convolution = convolution
    self.perChannel = perChannel

    let blocks = Layout.blocks(channels)
    let (height, width) = (shape.result.height, shape.result.width)
    floatingPointOperations =
      2 * shape.groups * shape.outputs * shape.inputs * shape.taps * height * width
    switch path {
    case .pointwise:
      unitsAtOnce = 0
      scratchSize = zoo_pointwise_scratch(&convolution)
      cut = Cut(
        units: height * width, unitGrain: Self.tilesAtOnce, blocks: blocks, blockGrain: 2,
        operations: floatingPointOperations)
    case .winograd:
      let tiles = zoo_winograd_tiles(&convolution.window)
      unitsAtOnce = Self.tilesAtOnce
      scratchSize = zoo_winograd_scratch(&convolution, min(unitsAtOnce, tiles))
      // Few tiles and many outputs: cut along the outputs, so that each thread reads its own weights.
      let isDeep = tiles < 2 * unitsAtOnce && blocks >= 8
      cut = Cut(
        units: tiles, unitGrain: isDeep ? tiles : unitsAtOnce, blocks: blocks,
        blockGrain: isDeep ? 2 : blocks,
        operations: floatingPointOperations / 4)
    case .direct, .planar:
      let size = path == .direct ? zoo_direct_scratch : zoo_planar_scratch
      var rows = height
      while rows > 1, size(&convolution, rows) > Self.rowBudget { rows = (rows + 1) / 2 }
      unitsAtOnce = rows
      scratchSize = size(&convolution, rows)
      let isNarrow = width <= Self.tilesAtOnce / 2
      cut = Cut(
        units: height, unitGrain: isNarrow ? 2 : 1, blocks: blocks,
        blockGrain: isNarrow ? 1 : 2, operations: floatingPointOperations)
    case .depthwise, .matrix:
      unitsAtOnce = height
      scratchSize = 0
      cut = Cut(units: height, blocks: blocks, operations: floatingPointOperations &* 8)
    }
  }

  /// Tells which convolution comes next.
  mutating func precede(_ step: ConvolutionStep) {
    guard kind == .pointwise else { return }
    next = step.weight
    convolution.next = UnsafeRawPointer(step.weight.bytes)
    convolution.next_bytes = step.weight.byteCount
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads)
    let table = kernels.table.pointee
    let source = memory[image]
    let target = memory.result(at: result)
    let added = residual.map { memory[$0] }
    withUnsafePointer(to: convolution) { convolution in
      switch kind {
      case .pointwise:
        table.convolve_pointwise(
          convolution, source, target, added, part.units, part.blocks, scratch)
      case .winograd:
        for range in pieces(of: part.units) {
          table.convolve_winograd(
            convolution, source, target, added, range, part.blocks, scratch)
        }
      case .direct:
        for range in pieces(of: part.units) {
          table.convolve_direct(convolution, source, target, added, range, part.blocks, scratch)
        }
      case .planar:
        let floats = source.assumingMemoryBound(to: Float.self)
        for range in pieces(of: part.units) {
          table.convolve_planar(
            convolution, floats, target, added, range, part.blocks, scratch)
        }
      case .depthwise, .matrix:
        table.convolve_depthwise(convolution, source, target, added, part.units, part.blocks)
      }
    }
  }

  /// Nearly equal pieces of at most `unitsAtOnce` units.
  private func pieces(of range: zoo_range) -> some Sequence<zoo_range> {
    let count = (range.count + unitsAtOnce - 1) / unitsAtOnce
    return (0..<count).lazy.map { piece in
      let first = range.count * piece / count
      return zoo_range(
        first: range.first + first, count: range.count * (piece + 1) / count - first)
    }
  }
}

extension zoo_window {
  init(
    _ geometry: WindowGeometry, window: Size2D, channels: Int, image: Size2D, result: Size2D
  ) {
    self.init(
      channels: channels, height: image.height, width: image.width,
      window_height: window.height, window_width: window.width,
      stride_y: geometry.stride.height, stride_x: geometry.stride.width,
      padding_y: geometry.padding.top, padding_x: geometry.padding.left,
      dilation_y: geometry.dilation.height, dilation_x: geometry.dilation.width,
      out_height: result.height, out_width: result.width)
  }
}
