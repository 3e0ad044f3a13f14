import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// A sum that became a part of a convolution is that sum, whichever way the convolution takes.
struct ResidualTests {
  private static func session(fused: Bool, channels: Int, kernels: Kernels) throws -> Session {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: channels)
    let geometry = WindowGeometry(padding: 1)
    let sides = ["a", "b"].map { name in
      builder.convolution(
        image, weight: builder.parameter(name, [20, channels, 3, 3]), geometry, label: name)
    }
    if fused {
      builder.endpoint("sum", builder.binary(.add, sides[0], sides[1], label: "sum"))
    } else {
      builder.endpoint("a", sides[0])
      builder.endpoint("b", sides[1])
    }
    let weights = ["a", "b"].map { name in
      (
        name,
        Tensor(
          shape: [20, channels, 3, 3],
          CounterFill.symmetric(name, count: 20 * channels * 9, bound: 1))
      )
    }
    return try Session(
      builder.build(), weights: Dictionary(uniqueKeysWithValues: weights),
      inputShapes: ["image": [1, channels, 7, 9]], threads: Threads(2), kernels: kernels)
  }

  /// Three channels go the way of the first layer, twenty that of all others.
  @Test(arguments: [1, 3, 20])
  func equalsTheSum(_ channels: Int) throws {
    let image = Tensor(
      shape: [1, channels, 7, 9], CounterFill.symmetric("x", count: channels * 63, bound: 1))
    for kernels in Kernels.available {
      let fused = try Self.session(fused: true, channels: channels, kernels: kernels)
      let sum = try #require(try fused.run(["image": image])["sum"]?.floats())
      #expect(try fused.profile(["image": image], runs: 1).allSatisfy { $0.op != "binary" })
      let apart = try Self.session(fused: false, channels: channels, kernels: kernels)
      let sides = try apart.run(["image": image])
      let a = try #require(sides["a"]?.floats())
      let b = try #require(sides["b"]?.floats())
      for index in sum.indices {
        #expect(abs(sum[index] - (a[index] + b[index])) < 1e-5, "\(kernels.name)")
      }
    }
  }
}
