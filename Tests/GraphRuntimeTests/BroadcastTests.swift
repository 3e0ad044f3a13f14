import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Operands of fewer axes beside images in blocks of channels.
struct BroadcastTests {
  /// `image + operand` behind a convolution that changes nothing, on every variant.
  private func check(
    _ image: Tensor, _ operand: Tensor, precision: Precision, _ expected: [Float]
  ) throws {
    let channels = image.shape[1]
    for isFirst in [false, true] {
      var builder = GraphBuilder()
      let identity = (0..<channels * channels).map { $0 % (channels + 1) == 0 ? 1 : 0 as Float }
      let weight = builder.constant(
        Tensor(shape: [channels, channels, 1, 1], identity), label: "identity")
      let same = builder.convolution(
        builder.input("image", channels: channels), weight: weight, label: "same")
      let other = builder.constant(operand, label: "other")
      builder.endpoint(
        "result",
        builder.binary(.add, isFirst ? other : same, isFirst ? same : other, label: "sum"))
      for kernels in Kernels.available {
        let session = try Session(
          builder.build(), weights: [:], inputShapes: ["image": image.shape],
          precision: precision, threads: Threads(2), kernels: kernels)
        let result = try #require(try session.run(["image": image])["result"])
        #expect(result.shape == image.shape)
        #expect(result.floats() == expected, "\(kernels.name)")
      }
    }
  }

  /// As a network adds an embedding of positions to its map: the image's own extents, no batch.
  @Test(arguments: [3, 16, 20], Precision.allCases)
  func imageWithoutABatchExtent(_ channels: Int, _ precision: Precision) throws {
    let shape: Shape = [1, channels, 2, 3]
    // Whole numbers up to 240: exact in either precision.
    let image = (0..<shape.elementCount).map { Float($0) }
    let other = image.map { 120 - $0 }
    try check(
      Tensor(shape: shape, image), Tensor(shape: [channels, 2, 3], other), precision: precision,
      image.map { _ in 120 })
  }

  /// One row, of which each number is a channel's and a pixel's as well.
  @Test(arguments: Precision.allCases)
  func row(_ precision: Precision) throws {
    for shape: Shape in [[4], [1, 4], [1, 1, 4], [1, 1, 1, 4]] {
      try check(
        Tensor(shape: [1, 1, 1, 4], [1, 2, 3, 4]), Tensor(shape: shape, [10, 20, 30, 40]),
        precision: precision, [11, 22, 33, 44])
    }
  }

  /// One number a channel, computed and not constant.
  @Test(arguments: Precision.allCases)
  func computedFeatures(_ precision: Precision) throws {
    var builder = GraphBuilder()
    let weight = builder.constant(Tensor(shape: [1, 1, 1, 1], [1]), label: "weight")
    let image = builder.input("image", channels: 1)
    let same = builder.convolution(image, weight: weight, label: "same")
    let mean = builder.spatialMean(same, label: "mean")
    let matrix = builder.constant(Tensor(shape: [4, 1], [10, 20, 30, 40]), label: "matrix")
    let zero = builder.constant(Tensor(shape: [4], [0, 0, 0, 0]), label: "zero")
    let row = builder.linear(mean, weight: matrix, bias: zero, label: "row")
    builder.endpoint("result", builder.binary(.add, same, row, label: "sum"))
    for kernels in Kernels.available {
      let session = try Session(
        builder.build(), weights: [:], inputShapes: ["image": [1, 1, 1, 4]],
        batching: .whole, precision: precision, threads: Threads(2), kernels: kernels)
      let image = Tensor(shape: [1, 1, 1, 4], [1, 2, 3, 2])
      let result = try #require(try session.run(["image": image])["result"])
      #expect(result.shape == [1, 1, 1, 4])
      #expect(result.floats() == [21, 42, 63, 82], "\(kernels.name)")
    }
  }
}
