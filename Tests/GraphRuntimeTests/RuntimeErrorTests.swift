import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Every sentence that compiling and running can end with.
struct RuntimeErrorTests {
  @Test(arguments: compilingCases + runningCases + choiceCases)
  func sentence(_ test: SentenceCase) throws {
    let error = #expect(throws: RuntimeError.self) { try test.provoke() }
    #expect(error.map { "\($0)" } == test.sentence)
  }

  private static func session(
    _ shapes: [String: Shape] = ["image": [1, 2, 3, 3]], weights: [String: Tensor] = [:],
    endpoints: [String]? = nil,
    _ build: (inout GraphBuilder, Graph.Value) -> Graph.Value = {
      $0.unary(.relu, $1, label: "relu")
    }
  ) throws -> Session {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 2)
    builder.endpoint("result", build(&builder, image))
    return try Session(
      builder.build(), weights: weights, inputShapes: shapes, endpoints: endpoints,
      threads: Threads(1), kernels: .forThisMachine())
  }

  private static func zeros(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, Array(repeating: 0, count: shape.elementCount))
  }

  static let compilingCases = [
    SentenceCase("graph error", "image (input): the number of input channels is 1, must be 2") {
      _ = try session(["image": [1, 1, 3, 3]])
    },
    SentenceCase(
      "endpoint",
      "no output is named results (did you mean result?); there are result"
    ) { _ = try session(endpoints: ["results"]) },
    SentenceCase(
      "batch extent", "the input image is 2×2×3×3, the model was compiled for 1×2×3×3 an image"
    ) { _ = try session(["image": [2, 2, 3, 3]]) },
    SentenceCase(
      "mean of a batch",
      "mean (reduction): it does not keep the images of a batch apart, "
        + "which are computed one by one"
    ) { _ = try session { $0.reduction(.mean, $1, axes: [0, 1], label: "mean") } },
    SentenceCase(
      "reshape of images",
      "flat (reshape): it does not keep the images of a batch apart, "
        + "which are computed one by one"
    ) { _ = try session { $0.reshape($1, to: [18], label: "flat") } },
    SentenceCase(
      "constant endpoint",
      "two (constant): it does not keep the images of a batch apart, "
        + "which are computed one by one"
    ) { _ = try session { builder, _ in builder.constant(2, label: "two") } },
    SentenceCase("long result", "large (resize): a result of more than 1048576 rows or columns") {
      _ = try session {
        $0.resize($1, .nearest, to: .size(Size2D(height: 1, width: 1 << 20 + 1)), label: "large")
      }
    },
    SentenceCase("complex literal", "i (constant): its values are not real numbers") {
      let storage = ByteStorage(count: 8) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
      let tensor = Tensor(dtype: .complex64, shape: [1], storage: storage)
      _ = try session { builder, image in
        let i = builder.constant(tensor, label: "i")
        return builder.binary(.add, image, i, label: "sum")
      }
    },
    SentenceCase(
      "large image",
      "image (input): a 1×2×\(Int.max)×1 tensor is too large; the most is 2147483647 numbers"
    ) { _ = try session(["image": [1, 2, .max, 1]]) },
  ]

  static let runningCases = [
    SentenceCase("missing input", "the input image was not given") { _ = try session().run([:]) },
    SentenceCase(
      "shape of an input", "the input image is 1×2×3×4, the model was compiled for 1×2×3×3 an image"
    ) { _ = try session().run(["image": zeros([1, 2, 3, 4])]) },
    SentenceCase(
      "rank of an input", "the input image is 3, the model was compiled for 1×2×3×3 an image"
    ) {
      _ = try session().run(["image": zeros([3])])
    },
    SentenceCase(
      "shape of a whole input", "the input image is 1×1×2×2, the graph was compiled for 2×1×2×2"
    ) {
      var builder = GraphBuilder()
      builder.endpoint("image", builder.input("image", shape: [2, 1, 2, 2]))
      let session = try Session(
        builder.build(), weights: [:], inputShapes: ["image": [2, 1, 2, 2]], batching: .whole,
        threads: Threads(1), kernels: .forThisMachine())
      _ = try session.run(["image": zeros([1, 1, 2, 2])])
    },
    SentenceCase("complex input", "the input image holds C64 values; real numbers are needed") {
      let storage = ByteStorage(count: 144) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
      let tensor = Tensor(dtype: .complex64, shape: [1, 2, 3, 3], storage: storage)
      _ = try session().run(["image": tensor])
    },
    SentenceCase("batches", "inputs hold 1 and 2 images; the counts must agree") {
      do {
        _ = try session(["image": [1, 2, 3, 3], "mask": [1, 1, 3, 3]]) { builder, image in
          let mask = builder.input("mask", channels: 1)
          return builder.binary(.multiply, image, mask, label: "masked")
        }.run(["image": zeros([1, 2, 3, 3]), "mask": zeros([2, 1, 3, 3])])
      } catch RuntimeError.batchMismatch(let a, let b) {
        // Which input is looked at first is not fixed.
        throw RuntimeError.batchMismatch(min(a, b), max(a, b))
      }
    },
    SentenceCase("memory", "the image is too large: its layers do not fit into memory") {
      // Beyond the addresses that a process has.
      _ = try WorkspacePool(arenaSize: 1 << 47, scratchSize: 0, workers: 1).take()
    },
    SentenceCase(
      "memory beyond counting", "the image is too large: its layers do not fit into memory"
    ) {
      _ = try WorkspacePool(arenaSize: 0, scratchSize: 1 << 60, workers: 256).take()
    },
  ]

  static let choiceCases =
    [
      SentenceCase(
        "instruction set",
        "this machine has no instruction set \"sse9\"; ZOO_ISA can be "
          + Kernels.available.map(\.name).joined(separator: ", ")
      ) { _ = try Kernels.forThisMachine(named: "sse9") }
    ]
    + [0, 257, -1].map { (count: Int) in
      SentenceCase("threads \(count)", threadSentence("\(count)")) { _ = try Threads(count) }
    }
    + ["two", "1.5", " 1", "99999999999999999999"].map { text in
      SentenceCase("threads \(text)", threadSentence(text)) {
        _ = try Threads(nil, environment: text)
      }
    }

  private static func threadSentence(_ text: String) -> String {
    "\"\(text)\" is not a number of threads; give a whole number from 1 to 256"
  }
}
