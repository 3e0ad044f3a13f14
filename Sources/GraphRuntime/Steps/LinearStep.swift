import CKernels
import GraphIR

/// `Linear` for one image: a few outputs a task.
struct LinearStep: Step {
  private let kernels: Kernels
  private let features: Location
  private let weight: Location
  private let bias: Location
  private let result: Int
  private let inFeatures: Int
  private let outputs: Tiles

  /// Weights that one task reads: below this a second thread is not worth its wake-up.
  private static let weightsPerTask = 1 << 16

  init(
    features: Location, weight: Location, bias: Location, result: Int, weightShape: Shape,
    kernels: Kernels
  ) {
    self.kernels = kernels
    (self.features, self.weight, self.bias, self.result) = (features, weight, bias, result)
    inFeatures = weightShape[1]
    outputs = Tiles(
      count: weightShape[0], limit: max(1, Self.weightsPerTask / max(1, inFeatures)))
  }

  var taskCount: Int { outputs.tileCount }
  var floatingPointOperations: Int { 2 * outputs.count * inFeatures }

  func run(task: Int, scratch: UnsafeMutablePointer<Float>, in memory: Memory) {
    let tile = outputs[task]
    kernels.table.pointee.linear(
      memory.result(at: result) + tile.lowerBound, memory[features],
      memory[weight] + tile.lowerBound * inFeatures, memory[bias] + tile.lowerBound,
      tile.count, inFeatures)
  }
}
