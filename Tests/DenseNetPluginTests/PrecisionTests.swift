import DenseNetPlugin
import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// DenseNets in bfloat16 against PyTorch's float32.
struct PrecisionTests {
  /// How far a logit may be off, as a part of the largest.
  ///
  /// Half as much again as PyTorch's own bfloat16, since the largest of some random numbers varies.
  /// One logit says too little of PyTorch's: there each convolution rounds its weights and its
  /// result by at most 2^-8, a third of the square of that on average at most, and roundings, as
  /// often up as down, add up like the steps of a random walk.
  private func bound(_ reference: Reference.Case, convolutions: Int) -> Float {
    reference.configuration.classCount > 1
      ? 1.5 * reference.bfloat16Difference
      : (Float(2 * convolutions) / 3).squareRoot() * 0x1p-8
  }

  @Test(arguments: [
    "densenet121", "densenet121-colour", "densenet161", "densenet169", "densenet201", "odd",
  ])
  func staysNearFloat32(_ name: String) throws {
    let reference = try #require(try DenseNetParityTests.reference.get().cases[name])
    let graph = try DenseNet.graph(reference.configuration)
    let weights = CounterFill.weights(for: graph)
    let image = Tensor(
      shape: reference.inputShape,
      CounterFill.symmetric("image", count: reference.inputShape.elementCount, bound: 1024))
    let expected = try #require(reference.outputs["logits"]).values
    let bound = bound(reference, convolutions: graph.parameters.count { $0.shape.count == 4 })
    // The oracle of the kernels would take seconds.
    let variants =
      ["densenet121", "odd"].contains(name)
      ? Array(Kernels.available.dropFirst()) : [try .forThisMachine()]
    for kernels in variants {
      let session = try Session(
        graph, weights: weights, inputShapes: ["image": reference.inputShape],
        endpoints: ["logits"], precision: .bfloat16, threads: Threads(), kernels: kernels)
      let found = try #require(try session.run(["image": image])["logits"]?.floats())
      let difference = relativeDifference(found, expected)
      print("\(name) \(kernels.name) in bfloat16: \(difference) of the largest logit, of \(bound)")
      #expect(difference < bound)
      let top = expected.indices.max { expected[$0] < expected[$1] }
      #expect(found.indices.max { found[$0] < found[$1] } == top)
    }
  }
}
