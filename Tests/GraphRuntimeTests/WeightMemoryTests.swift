import GraphIR
import GraphRuntime
import Synchronization
import TestSupport
import Testing

/// Weights that were packed are in memory once: a session keeps no other copy of them.
struct WeightMemoryTests {
  /// The tensors that somebody still holds, by name.
  private final class Held: Sendable {
    private let names = Mutex<Set<String>>([])
    var all: Set<String> { names.withLock { $0 } }

    /// A tensor that is taken off the list when the last owner of its bytes is gone.
    func tensor(_ name: String, _ shape: Shape) -> Tensor {
      let values = CounterFill.tensor(name, shape).floats() ?? []
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: values.count * 4, alignment: 64)
      values.withUnsafeBytes { memory.copyMemory(from: $0) }
      _ = names.withLock { $0.insert(name) }
      let storage = ByteStorage(adopting: UnsafeRawBufferPointer(memory)) { bytes in
        _ = self.names.withLock { $0.remove(name) }
        bytes.deallocate()
      }
      return Tensor(dtype: .float32, shape: shape, storage: storage)
    }
  }

  @Test(arguments: Precision.allCases)
  func packedWeightsAreLetGo(_ precision: Precision) throws {
    var builder = GraphBuilder()
    let shapes: [String: Shape] = [
      "planar": [32, 3, 3, 3], "pointwise": [64, 32, 1, 1], "direct": [64, 64, 3, 3],
      "winograd": [64, 64, 3, 3], "depthwise": [64, 1, 3, 3], "groups": [64, 4, 3, 3],
      "transposed": [64, 48, 2, 2], "matrix": [12, 24, 3, 3], "linear": [5, 12], "bias": [5],
    ]
    var image = builder.input("image", channels: 3)
    func convolve(_ name: String, _ geometry: WindowGeometry = .init(), groups: Int = 1) throws {
      let weight = builder.parameter(name, try #require(shapes[name]))
      image = builder.convolution(
        image, weight: weight, geometry, groups: groups, label: name)
    }
    try convolve("planar", WindowGeometry(padding: 1))
    try convolve("pointwise")
    try convolve("direct", WindowGeometry(stride: 2, padding: 1))
    try convolve("winograd", WindowGeometry(padding: 1))
    try convolve("depthwise", groups: 64)
    try convolve("groups", groups: 16)
    image = builder.transposedConvolution(
      image, weight: builder.parameter("transposed", [64, 48, 2, 2]),
      WindowGeometry(stride: 2), label: "transposed")
    try convolve("matrix", groups: 2)
    let mean = builder.spatialMean(image, label: "mean")
    let (weight, bias) = (builder.parameter("linear", [5, 12]), builder.parameter("bias", [5]))
    builder.endpoint(
      "result", builder.linear(mean, weight: weight, bias: bias, label: "linear"))
    let graph = try builder.build()

    let held = Held()
    func session() throws -> Session {
      let weights = Dictionary(
        uniqueKeysWithValues: shapes.map { ($0.key, held.tensor($0.key, $0.value)) })
      return try Session(
        graph, weights: weights, inputShapes: ["image": [1, 3, 64, 64]], precision: precision,
        threads: Threads(2), kernels: .forThisMachine())
    }
    var kept: Session? = try session()
    // What is read as it is stays; everything else was packed.
    #expect(held.all == ["matrix", "linear", "bias"])
    let input = CounterFill.tensor("image", [1, 3, 64, 64])
    let layers = try #require(try kept?.profile(["image": input], runs: 1))
    let paths = layers.filter { $0.op == "convolution" }.map { $0.path ?? "" }
    #expect(paths[0...2] == ["planar", "pointwise", "direct"])
    #expect(paths[4...] == ["depthwise", "direct", "matrix"])
    kept = nil
    #expect(held.all == [])
  }
}
