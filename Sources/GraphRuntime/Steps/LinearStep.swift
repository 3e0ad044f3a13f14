import CKernels
import GraphIR

/// `Linear` for one image: a few outputs a task.
struct LinearStep: Step {
  private let kernels: Kernels
  private let features: Location
  private let weight: Location
  private let bias: Location
  private let result: Place
  private let inFeatures: Int
  private let cut: Cut

  init(
    features: Location, weight: Location, bias: Location, result: Place, weightShape: Shape,
    kernels: Kernels
  ) {
    self.kernels = kernels
    (self.features, self.weight, self.bias, self.result) = (features, weight, bias, result)
    inFeatures = weightShape[1]
    cut = Cut(units: weightShape[0], operations: 2 * weightShape.elementCount)
  }

  func taskCount(threads: Int) -> Int { cut.taskCount(threads: threads) }
  var floatingPointOperations: Int { cut.operations }

  func run(task: Int, threads: Int, scratch: UnsafeMutableRawPointer, in memory: Memory) {
    let outputs = cut.part(task, threads: threads).units
    kernels.table.pointee.linear(
      memory.floats(at: result) + outputs.first, memory.floats(features),
      memory.floats(weight) + outputs.first * inFeatures, memory.floats(bias) + outputs.first,
      outputs.count, inFeatures)
  }
}
