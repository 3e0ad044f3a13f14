import GraphIR
import GraphRuntime
import Testing

/// Sessions over unusual inputs and weights.
struct SessionTests {
  private func run(
    _ image: Tensor, weights: [String: Tensor] = [:], kernels: Kernels? = nil,
    _ build: (inout GraphBuilder, Graph.Value) -> Graph.Value
  ) throws -> Tensor {
    var builder = GraphBuilder()
    builder.endpoint(
      "result", build(&builder, builder.input("image", channels: image.shape[1])))
    let session = try Session(
      builder.build(), weights: weights,
      inputShapes: ["image": Shape([1] + image.shape.dimensions.dropFirst())],
      threads: Threads(2), kernels: kernels ?? .forThisMachine())
    return try #require(try session.run(["image": image])["result"])
  }

  @Test func emptyBatch() throws {
    let image = Tensor(shape: [0, 2, 3, 3], [])
    let result = try run(image) { $0.unary(.relu, $1, label: "relu") }
    #expect(result.shape == [0, 2, 3, 3])
    #expect(result.floats() == [])
  }

  /// A sum over no channels is the bias.
  @Test(arguments: [1, 3])
  func noChannels(_ window: Int) throws {
    for kernels in Kernels.available {
      let weights = [
        "weight": Tensor(shape: [3, 0, window, window], []),
        "bias": Tensor(shape: [3], [1, -2, 3]),
      ]
      let image = Tensor(shape: [1, 0, 3, 5], [])
      let result = try run(image, weights: weights, kernels: kernels) { builder, image in
        let weight = builder.parameter("weight", [3, 0, window, window])
        let bias = builder.parameter("bias", [3])
        return builder.convolution(image, weight: weight, bias: bias, label: "conv")
      }
      let pixels = (4 - window) * (6 - window)
      let planes = [1, -2, 3].flatMap { Array(repeating: Float($0), count: pixels) }
      #expect(result.floats() == planes, "\(kernels.name)")
    }
  }

  @Test func otherNumberTypes() throws {
    let values: [Float] = [1, -2, 0.5, 300]
    let exact = Tensor(shape: [1, 1, 2, 2], values)
    let image = try #require(exact.rounded(to: .float16)).tensor
    let weight = try #require(Tensor(shape: [2, 1, 1, 1], [2, -0.25]).rounded(to: .bfloat16)).tensor
    let result = try run(image, weights: ["weight": weight]) { builder, image in
      builder.convolution(image, weight: builder.parameter("weight", [2, 1, 1, 1]), label: "conv")
    }
    #expect(result.floats() == values.map { $0 * 2 } + values.map { $0 * -0.25 })
  }

  /// A mapped file may put a tensor at any byte.
  @Test func weightAtAnOddAddress() throws {
    let storage = ByteStorage(count: 9) { memory in
      memory.storeBytes(of: 0, toByteOffset: 0, as: UInt8.self)
      memory.storeBytes(of: 3, toByteOffset: 1, as: Float.self)
      memory.storeBytes(of: -1, toByteOffset: 5, as: Float.self)
    }
    let weight = Tensor(dtype: .float32, shape: [2, 1, 1, 1], storage: storage, byteOffset: 1)
    let image = Tensor(shape: [1, 1, 1, 2], [10, 20])
    let result = try run(image, weights: ["weight": weight]) { builder, image in
      builder.convolution(image, weight: builder.parameter("weight", [2, 1, 1, 1]), label: "conv")
    }
    #expect(result.floats() == [30, 60, -10, -20])
  }

  @Test func onlyWhatIsAskedForIsComputed() throws {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 1)
    let missing = builder.parameter("missing", [1])
    builder.endpoint("cheap", builder.unary(.relu, image, label: "cheap"))
    builder.endpoint("dear", builder.binary(.add, image, missing, label: "dear"))
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": [1, 1, 1, 2]], endpoints: ["cheap"],
      threads: Threads(1), kernels: .forThisMachine())
    let outputs = try session.run(["image": Tensor(shape: [2, 1, 1, 2], [1, -1, -2, 2])])
    #expect(outputs.keys.sorted() == ["cheap"])
    #expect(outputs["cheap"]?.floats() == [1, 0, 0, 2])
    #expect(outputs["cheap"]?.shape == [2, 1, 1, 2])
    #expect(session.outputShapes == ["cheap": [1, 1, 1, 2]])
  }
}
