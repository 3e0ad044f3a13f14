import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Where values change their layout: at the ends of a network, and never within.
struct PlannedGraphTests {
  /// The relayouts of a graph over a 3-channel image of 32x32 pixels, by label.
  private func relayouts(
    _ precision: Precision, _ build: (inout GraphBuilder, Graph.Value) -> Graph.Value
  ) throws -> [String] {
    var builder = GraphBuilder()
    builder.endpoint("result", build(&builder, builder.input("image", channels: 3)))
    let graph = try builder.build()
    let inputs: [String: Shape] = ["image": [1, 3, 32, 32]]
    let optimised = try PassPipeline.inference(
      graph.binding(CounterFill.weights(for: graph)), inputs: inputs)
    let planned = PlannedGraph(
      optimised, shapes: try optimised.shapes(inputs: inputs), precision: precision,
      kernels: try Kernels.forThisMachine())
    return planned.nodes.compactMap { node in
      if case .relayout = node.operation { node.label } else { nil }
    }
  }

  /// Every op that images pass in an encoder and a decoder with attention and skip connections.
  @Test(arguments: Precision.allCases)
  func encoderDecoderStaysInBlocks(_ precision: Precision) throws {
    let relayouts = try relayouts(precision) { builder, image in
      func convolved(
        _ image: Graph.Value, _ from: Int, _ to: Int, window: Int, stride: Int = 1, _ label: String
      ) -> Graph.Value {
        let weight = builder.parameter("\(label).weight", [to, from, window, window])
        return builder.convolution(
          image, weight: weight,
          WindowGeometry(
            stride: Size2D(height: stride, width: stride),
            padding: Size2D(height: window / 2, width: window / 2)), label: label)
      }
      func doubled(_ image: Graph.Value, _ from: Int, _ to: Int, _ label: String) -> Graph.Value {
        let weight = builder.parameter("\(label).weight", [from, to, 3, 3])
        return builder.transposedConvolution(
          image, weight: weight, WindowGeometry(stride: 2, padding: 1), outputPadding: 1,
          label: label)
      }
      let stem = builder.unary(
        .leakyRelu(slope: 0.1), convolved(image, 3, 24, window: 3, "stem"), label: "leaky")
      let half = builder.unary(
        .silu, convolved(stem, 24, 40, window: 3, stride: 2, "half"), label: "silu")
      // Squeeze and excitation: a vector a channel.
      let mean = builder.reduction(.mean, half, axes: [2, 3], label: "squeeze")
      let gate = builder.unary(.sigmoid, convolved(mean, 40, 40, window: 1, "fc"), label: "gate")
      let excited = builder.binary(.multiply, half, gate, label: "excite")
      // Attention: a map a pixel.
      let map = builder.unary(
        .sigmoid, convolved(excited, 40, 1, window: 1, "map"), label: "sigmoid")
      let attended = builder.binary(.multiply, map, excited, label: "attend")
      let scaled = builder.binary(
        .divide, attended, builder.constant(2, label: "two"), label: "halved")
      let offset = builder.parameter("offset", [40, 1, 1])
      let shifted = builder.binary(.add, scaled, offset, label: "shifted")
      let decoded = builder.unary(.relu, doubled(shifted, 40, 24, "up"), label: "relu")
      let resized = builder.resize(
        half, .bilinear(alignsCorners: false), to: .scale(height: 2, width: 2), label: "resized")
      let skip = builder.binary(.maximum, decoded, stem, label: "skip")
      let joined = builder.concatenation([skip, resized], label: "joined")
      return convolved(joined, 64, 3, window: 3, "head")
    }
    // The result alone; the first convolution reads the image as it is.
    #expect(relayouts == ["head"])
  }

  /// What is not an image never gets into blocks, and an image only for a convolution's sake.
  @Test func planarValuesStayPlanar() throws {
    let relayouts = try relayouts(.float32) { builder, image in
      let larger = builder.resize(image, .nearest, to: .size(40), label: "larger")
      let mean = builder.reduction(.sum, larger, axes: [2, 3], label: "sum")
      let scaled = builder.binary(.divide, larger, mean, label: "divided")
      let features = builder.unary(
        .tanh, builder.spatialMean(scaled, label: "mean"), label: "tanh")
      let weight = builder.parameter("weight", [5, 3])
      let bias = builder.parameter("bias", [5])
      return builder.linear(features, weight: weight, bias: bias, label: "linear")
    }
    #expect(relayouts == [])
  }

  /// Broadcasts along rows and reductions of channels are computed over planar images.
  @Test func restIsPlanar() throws {
    let relayouts = try relayouts(.bfloat16) { builder, image in
      let weight = builder.parameter("weight", [32, 3, 3, 3])
      let image = builder.convolution(image, weight: weight, label: "conv")
      let rows = builder.parameter("rows", [30, 1])
      let scaled = builder.binary(.multiply, image, rows, label: "scaled")
      let largest = builder.reduction(.maximum, scaled, axes: [1], label: "largest")
      let map = builder.binary(.subtract, image, largest, label: "map")
      let back = builder.parameter("back", [32, 5, 3, 3])
      return builder.transposedConvolution(map, weight: back, label: "back")
    }
    // To planar for the rows; the maximum is a map that the subtraction reads as it lies, over the
    // image in blocks.
    #expect(relayouts == ["conv", "back"])
  }
}
