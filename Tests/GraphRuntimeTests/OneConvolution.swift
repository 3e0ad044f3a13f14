import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Runs one convolution, behind one that changes nothing where blocks are asked for.
func runConvolution(
  _ image: Tensor, _ weight: Tensor, _ geometry: WindowGeometry, inBlocks: Bool = false,
  _ kernels: Kernels, precision: Precision = .float32
) throws -> (result: [Float], path: String?) {
  var builder = GraphBuilder()
  let channels = image.shape[1]
  var value = builder.input("image", channels: channels)
  if inBlocks {
    let identity = (0..<channels * channels).map { $0 % (channels + 1) == 0 ? 1 : 0 as Float }
    let weight = builder.constant(
      Tensor(shape: [channels, channels, 1, 1], identity), label: "identity")
    value = builder.convolution(value, weight: weight, label: "same")
  }
  let filter = builder.constant(weight, label: "weight")
  builder.endpoint(
    "result", builder.convolution(value, weight: filter, geometry, label: "convolution"))
  let session = try Session(
    builder.build(), weights: [:], inputShapes: ["image": image.shape], precision: precision,
    threads: Threads(2), kernels: kernels)
  let result = try session.run(["image": image])["result"]
  let layers = try session.profile(["image": image], runs: 1)
  return (try #require(result?.floats()), layers.last { $0.op == "convolution" }?.path)
}

/// Whole numbers from -3 to 3, of which sums are exact.
func integers(_ name: String, _ shape: Shape) -> Tensor {
  let values = CounterFill.uniform(name, count: shape.elementCount)
  return Tensor(shape: shape, values.map { ($0 * 7).rounded(.down) - 3 })
}
