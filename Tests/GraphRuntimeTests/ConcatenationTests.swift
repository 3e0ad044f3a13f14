import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Concatenations that are written in place, and those that cannot be.
struct ConcatenationTests {
  private static let image = Tensor(shape: [1, 2, 2, 2], [1, -2, 3, -4, 5, -6, 7, -8])
  private static let relu: [Float] = [1, 0, 3, 0, 5, 0, 7, 0]

  /// Runs a graph over `image`, and counts the concatenations that copy.
  private func run(
    _ build: (inout GraphBuilder, _ image: Graph.Value) -> [String: Graph.Value]
  ) throws -> (outputs: [String: [Float]], copies: Int) {
    var builder = GraphBuilder()
    let image = builder.input("image", channels: 2)
    for (name, value) in build(&builder, image) { builder.endpoint(name, value) }
    let session = try Session(
      builder.build(), weights: [:], inputShapes: ["image": Self.image.shape], batching: .whole,
      threads: Threads(2), kernels: .forThisMachine())
    let outputs = try session.run(["image": Self.image]).mapValues { $0.floats() ?? [] }
    let layers = try session.profile(["image": Self.image], runs: 1)
    return (outputs, Set(layers.filter { $0.op == "concatenation" }.map(\.label)).count)
  }

  @Test func denseBlockCopiesNothing() throws {
    let (outputs, copies) = try run { builder, image in
      var map = builder.unary(.relu, image, label: "stem")
      for layer in 0..<4 {
        let new = builder.binary(.subtract, map, map, label: "zero\(layer)")
        map = builder.concatenation([map, new], label: "layer\(layer)")
      }
      return ["map": map]
    }
    #expect(outputs["map"] == Self.relu + Array(repeating: 0, count: 120))
    #expect(copies == 0)
  }

  @Test func inputInPlace() throws {
    let (outputs, copies) = try run { builder, image in
      [
        "map": builder.concatenation(
          [builder.unary(.relu, image, label: "relu"), image], label: "c")
      ]
    }
    #expect(outputs["map"] == Self.relu + [1, -2, 3, -4, 5, -6, 7, -8])
    #expect(copies == 0)
  }

  @Test func operandOfTwo() throws {
    let (outputs, copies) = try run { builder, image in
      let relu = builder.unary(.relu, image, label: "relu")
      let sum = builder.binary(.add, relu, relu, label: "sum")
      return [
        "a": builder.concatenation([relu, sum], label: "a"),
        "b": builder.concatenation([sum, relu], label: "b"),
      ]
    }
    let sum = Self.relu.map { $0 * 2 }
    #expect(outputs["a"] == Self.relu + sum)
    #expect(outputs["b"] == sum + Self.relu)
    #expect(copies == 1)
  }

  @Test func operandTwice() throws {
    let (outputs, copies) = try run { builder, image in
      ["map": builder.concatenation([image, image, image], label: "repeated")]
    }
    #expect(outputs["map"] == (0..<3).flatMap { _ in [1, -2, 3, -4, 5, -6, 7, -8] as [Float] })
    #expect(copies == 1)
  }

  @Test func partIsSeenToo() throws {
    // The inner concatenation and its operands are endpoints as well as parts of the outer one.
    let (outputs, copies) = try run { builder, image in
      let relu = builder.unary(.relu, image, label: "relu")
      let inner = builder.concatenation([relu, image], label: "inner")
      let outer = builder.concatenation([image, inner, relu], label: "outer")
      return ["relu": relu, "inner": inner, "outer": outer]
    }
    let image: [Float] = [1, -2, 3, -4, 5, -6, 7, -8]
    #expect(outputs["relu"] == Self.relu)
    #expect(outputs["inner"] == Self.relu + image)
    #expect(outputs["outer"] == image + Self.relu + image + Self.relu)
    #expect(copies <= 2)
  }

  @Test func constantsAlone() throws {
    let (outputs, copies) = try run { builder, image in
      let a = builder.constant(Tensor(shape: [1, 1, 1, 2], [10, 20]), label: "a")
      let b = builder.constant(Tensor(shape: [1, 2, 1, 2], [30, 40, 50, 60]), label: "b")
      return ["map": builder.concatenation([a, b, a], label: "c"), "image": image]
    }
    #expect(outputs["map"] == [10, 20, 30, 40, 50, 60, 10, 20])
    #expect(outputs["image"] == [1, -2, 3, -4, 5, -6, 7, -8])
    // They are joined when the session is compiled.
    #expect(copies == 0)
  }

  @Test func innerAxesAreCopied() throws {
    let (outputs, copies) = try run { builder, image in
      let relu = builder.unary(.relu, image, label: "relu")
      return [
        "rows": builder.concatenation([image, relu], axis: 2, label: "rows"),
        "columns": builder.concatenation([image, relu], axis: 3, label: "columns"),
        "batch": builder.concatenation([image], axis: 0, label: "batch"),
      ]
    }
    #expect(outputs["rows"] == [1, -2, 3, -4, 1, 0, 3, 0, 5, -6, 7, -8, 5, 0, 7, 0])
    #expect(outputs["columns"] == [1, -2, 1, 0, 3, -4, 3, 0, 5, -6, 5, 0, 7, -8, 7, 0])
    #expect(outputs["batch"] == [1, -2, 3, -4, 5, -6, 7, -8])
    #expect(copies == 2)
  }
}
