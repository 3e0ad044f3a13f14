import CKernels
import GraphIR

/// `TransposedConvolution` over blocks of channels, by the phases of the stride.
///
/// Tasks are some steps of the stride of some blocks of outputs.
struct TransposedConvolutionStep: Step, @unchecked Sendable {
  // Unchecked for the pointers into weights that the step owns and nobody changes.
  private let kernels: Kernels
  private let image: Location
  private let result: Place
  private let weight: PackedWeights
  private let bias: PackedWeights
  private let convolution: zoo_convolution
  private let cut: Cut
  /// Steps that the kernel computes at a time, as many as its scratch memory has room for.
  private let unitsAtOnce: Int
  let scratchSize: Int
  let floatingPointOperations: Int

  var path: String? { "phases" }

  /// Scratch memory for gathered rows: a part of the second-level cache.
  private static let rowBudget = 384 << 10

  init(
    _ op: TransposedConvolution, shape: TransposedShape, precision: Precision, image: Location,
    weights: ConstantFloats, bias: ConstantFloats?, result: Place, kernels: Kernels,
    packing: inout PackingJobs
  ) throws(RuntimeError) {
    self.kernels = kernels
    (self.image, self.result) = (image, result)
    let isShared = shape.sharesBlocks
    let channels = shape.groups * shape.outputs
    weight = try PackedWeights(
      packing: weights, shape: shape, precision: precision, jobs: &packing)
    self.bias = try .perChannel(bias, channels: channels, in: packing.memory)
    var convolution = zoo_convolution()
    convolution.window = shape.kernelWindow(channels: isShared ? Layout.block : shape.inputs)
    convolution.groups = isShared ? Layout.blocks(channels) : shape.groups
    convolution.outputs = isShared ? Layout.block : shape.outputs
    convolution.weight = UnsafeRawPointer(weight.bytes)
    convolution.bias = self.bias.floats
    convolution.relu = op.activation == .relu
    convolution.bf16 = precision == .bfloat16
    self.convolution = convolution

    let stride = shape.geometry.stride.height
    let steps = (shape.result.height + stride - 1) / stride
    var unitsAtOnce = steps
    while unitsAtOnce > 1, zoo_transposed_scratch(&convolution, unitsAtOnce) > Self.rowBudget {
      unitsAtOnce = (unitsAtOnce + 1) / 2
    }
    self.unitsAtOnce = unitsAtOnce
    scratchSize = zoo_transposed_scratch(&convolution, unitsAtOnce)
    floatingPointOperations = shape.floatingPointOperations
    cut = Cut(
      units: steps, blocks: Layout.blocks(channels), blockGrain: 2,
      operations: floatingPointOperations)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let part = cut.part(task, threads: threads)
    withUnsafePointer(to: convolution) { convolution in
      for first in stride(from: 0, to: part.units.count, by: unitsAtOnce) {
        let steps = zoo_range(
          first: part.units.first + first, count: min(unitsAtOnce, part.units.count - first))
        kernels.table.pointee.convolve_transposed(
          convolution, memory[image], memory.result(at: result), steps, part.blocks, scratch)
      }
    }
  }
}

/// `TransposedConvolution` over planar images: slow, but it takes any groups and any window.
struct PlanarTransposedConvolutionStep: Step {
  private let kernels: Kernels
  private let image: Location
  private let weight: Location
  private let bias: Location?
  private let result: Place
  private let shape: TransposedShape
  private let relu: Bool
  private let cut: Cut

  var path: String? { "planar" }

  init(
    _ op: TransposedConvolution, shape: TransposedShape, image: Location, weight: Location,
    bias: Location?, result: Place, kernels: Kernels
  ) {
    self.kernels = kernels
    (self.image, self.weight, self.bias, self.result) = (image, weight, bias, result)
    self.shape = shape
    relu = op.activation == .relu
    cut = Cut(units: shape.groups * shape.outputs, operations: shape.floatingPointOperations)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    var convolution = zoo_convolution()
    convolution.window = shape.kernelWindow(channels: shape.inputs)
    convolution.groups = shape.groups
    convolution.outputs = shape.outputs
    convolution.weight = memory[weight]
    convolution.bias = bias.map { memory.floats($0) }
    convolution.relu = relu
    kernels.table.pointee.convolve_transposed_planar(
      &convolution, memory.floats(image), memory.floats(at: result),
      cut.part(task, threads: threads).units)
  }
}

extension TransposedShape {
  fileprivate var floatingPointOperations: Int {
    2 * groups * inputs * outputs * taps * image.height * image.width
  }
}
