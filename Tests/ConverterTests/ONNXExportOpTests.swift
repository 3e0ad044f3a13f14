import Converter
import GraphIR
import Testing

/// What each op becomes, by ONNX's documentation of its operators; what the nodes compute is checked
/// by tools/export-check.
struct ONNXExportOpTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let opsets: [Int]
    let ops: [String]
    let build: @Sendable (inout ExportCase) -> Graph.Value

    init(
      _ description: String, _ ops: [String], opsets: [Int] = [13, 17, 23],
      _ build: @escaping @Sendable (inout ExportCase) -> Graph.Value
    ) {
      (self.description, self.ops, self.opsets, self.build) = (description, ops, opsets, build)
    }
  }

  @Test(arguments: functions + images + rearrangements)
  func becomes(_ example: Case) throws {
    for opset in example.opsets {
      var net = ExportCase()
      net.builder.endpoint("result", example.build(&net))
      let model = try net.parsed(opset: opset)
      #expect(model.ops == example.ops, "operator set \(opset)")
      #expect(model.nodes.last?.outputs == ["result"])
      // Every operand is made before it is used.
      var known = Set(model.inputs.keys).union(model.initializers.keys).union([""])
      for node in model.nodes {
        for input in node.inputs { #expect(known.contains(input), "\(node)") }
        for output in node.outputs { #expect(known.insert(output).inserted, "\(node)") }
      }
    }
  }

  private static func unary(
    _ function: Unary.Function, _ ops: String..., opsets: [Int] = [13, 23]
  ) -> Case {
    Case("\(function)", ops, opsets: opsets) { net in
      let image = net.image()
      return net.builder.unary(function, image, label: "f")
    }
  }

  private static func binary(_ function: Binary.Function, _ ops: String...) -> Case {
    Case("\(function)", ops) { net in
      let image = net.image()
      return net.builder.binary(function, image, net.weight("w", [2, 1, 1]), label: "f")
    }
  }

  private static func reduction(
    _ function: Reduction.Function, _ axes: Set<Int>, _ op: String, opsets: [Int]
  ) -> Case {
    Case("\(function) \(axes.sorted()) \(opsets)", [op], opsets: opsets) { net in
      let image = net.image()
      return net.builder.reduction(function, image, axes: axes, label: "f")
    }
  }

  static let functions: [Case] = [
    unary(.relu, "Relu"), unary(.leakyRelu(slope: 0.25), "LeakyRelu alpha=0.25"),
    unary(.sigmoid, "Sigmoid"), unary(.silu, "Sigmoid", "Mul"),
    unary(.gelu, "Mul", "Erf", "Add", "Mul", "Mul", opsets: [13, 19]),
    unary(.gelu, "Gelu", opsets: [20, 23]), unary(.tanh, "Tanh"), unary(.exp, "Exp"),
    unary(.log, "Log"), unary(.absolute, "Abs"), unary(.negate, "Neg"),
    unary(.squareRoot, "Sqrt"), unary(.reciprocalSquareRoot, "Sqrt", "Reciprocal"),
    unary(.erf, "Erf"), unary(.floor, "Floor"), unary(.ceiling, "Ceil"), unary(.round, "Round"),
    unary(.truncate, "Sign", "Abs", "Floor", "Mul"), unary(.sign, "Sign"), unary(.sine, "Sin"),
    unary(.cosine, "Cos"), unary(.elu(alpha: 1.5), "Elu alpha=1.5"),
    unary(.softplus, "Softplus"),
    binary(.add, "Add"), binary(.subtract, "Sub"), binary(.multiply, "Mul"),
    binary(.divide, "Div"), binary(.maximum, "Max"), binary(.minimum, "Min"),
    binary(.power, "Pow"), binary(.remainder, "Mod fmod=1"), binary(.less, "Less", "Cast to=1"),
    binary(.lessOrEqual, "LessOrEqual", "Cast to=1"), binary(.equal, "Equal", "Cast to=1"),
    reduction(.sum, [1, 3], "ReduceSum keepdims=1", opsets: [13, 17, 18, 23]),
    reduction(.mean, [2], "ReduceMean axes=[2] keepdims=1", opsets: [13, 17]),
    reduction(.mean, [2], "ReduceMean keepdims=1", opsets: [18, 23]),
    reduction(.maximum, [3], "ReduceMax axes=[3] keepdims=1", opsets: [13, 17]),
    reduction(.minimum, [1, 2], "ReduceMin axes=[1, 2] keepdims=1", opsets: [13, 17]),
    reduction(.product, [1], "ReduceProd keepdims=1", opsets: [18, 23]),
    reduction(.sum, [], "Identity", opsets: [13, 23]),
    Case("mean of nothing", ["ReduceSum keepdims=1", "Mul"]) { net in
      let x = net.exact("x", [2, 0])
      return net.builder.reduction(.mean, x, axes: [1], label: "f")
    },
    Case("select", ["Cast to=9", "Where"]) { net in
      let image = net.image()
      return net.builder.select(
        image, net.weight("a", [1]), net.weight("b", [2, 1, 1]), label: "f")
    },
    Case("argmax", ["ArgMax axis=1 keepdims=1 select_last_index=0", "Cast to=1"]) { net in
      let image = net.image()
      return net.builder.argExtremum(.maximum, image, axis: 1, takesLast: false, label: "f")
    },
    Case("argmin", ["ArgMin axis=3 keepdims=1 select_last_index=1", "Cast to=1"]) { net in
      let image = net.image()
      return net.builder.argExtremum(.minimum, image, axis: 3, takesLast: true, label: "f")
    },
    Case("matrix product", ["MatMul"]) { net in
      let image = net.image()
      return net.builder.matrixProduct(image, net.weight("w", [6, 5]), label: "f")
    },
  ]

  static let images: [Case] = [
    Case(
      "convolution with everything",
      [
        "Unsqueeze", "Mul", "Unsqueeze", "Add", "Relu",
        "Conv dilations=[2, 1] group=2 pads=[1, 2, 3, 4] strides=[2, 3]", "Add", "Relu",
      ]
    ) { net in
      let image = net.image()
      let geometry = WindowGeometry(
        stride: Size2D(height: 2, width: 3),
        padding: Padding(top: 1, left: 2, bottom: 3, right: 4),
        dilation: Size2D(height: 2, width: 1))
      let op = Convolution(
        geometry: geometry, groups: 2, prologue: .relu, addsResidual: true, activation: .relu)
      let plain = Convolution(geometry: geometry, groups: 2)
      let weight = net.weight("w", [4, 1, 3, 3])
      let shape = try? plain.outputShape(of: [[1, 2, 8, 6], [4, 1, 3, 3]])
      return net.builder.add(
        .convolution(op),
        [
          image, weight, net.weight("bias", [4]), net.weight("scale", [2]),
          net.weight("shift", [2]), net.weight("residual", shape ?? []),
        ], label: "f")
    },
    Case(
      "transposed convolution",
      [
        "ConvTranspose dilations=[1, 1] group=1 output_padding=[0, 1] pads=[1, 0, 0, 1]"
          + " strides=[2, 2]"
      ]
    ) { net in
      let image = net.image()
      return net.builder.transposedConvolution(
        image, weight: net.weight("w", [2, 3, 3, 3]), bias: net.weight("b", [3]),
        WindowGeometry(stride: 2, padding: Padding(top: 1, left: 0, bottom: 0, right: 1)),
        outputPadding: Size2D(height: 0, width: 1), label: "f")
    },
    Case(
      "transposed convolution with more added than a step",
      ["ConvTranspose dilations=[3, 3] group=1 pads=[2, 2, 0, 1] strides=[1, 1]", "Pad"]
        + ["Unsqueeze", "Add"]
    ) { net in
      let image = net.image()
      return net.builder.transposedConvolution(
        image, weight: net.weight("w", [2, 3, 3, 3]), bias: net.weight("b", [3]),
        WindowGeometry(padding: Padding(top: 2, left: 2, bottom: 1, right: 2), dilation: 3),
        outputPadding: Size2D(height: 2, width: 1), label: "f")
    },
    Case("channel affine", ["Unsqueeze", "Mul", "Unsqueeze", "Add", "Relu"]) { net in
      let image = net.image()
      let operands = [image, net.weight("scale", [2]), net.weight("shift", [2])]
      return net.builder.add(
        .channelAffine(ChannelAffine(activation: .relu)), operands, label: "f")
    },
    Case(
      "maximum pooling",
      ["MaxPool dilations=[2, 2] kernel_shape=[3, 2] pads=[1, 0, 1, 0] strides=[1, 1]"]
    ) { net in
      let image = net.image()
      return net.builder.pooling(
        .maximum, image, window: Size2D(height: 3, width: 2),
        WindowGeometry(padding: Size2D(height: 1, width: 0), dilation: 2), label: "f")
    },
    Case(
      "average pooling",
      ["AveragePool count_include_pad=1 kernel_shape=[2, 2] pads=[0, 0, 0, 0] strides=[2, 2]"]
    ) { net in
      let image = net.image()
      return net.builder.pooling(
        .average, image, window: 2, WindowGeometry(stride: 2), label: "f")
    },
    Case(
      "dilated average pooling",
      [
        "AveragePool count_include_pad=1 dilations=[2, 2] kernel_shape=[2, 2] pads=[0, 0, 0, 0]"
          + " strides=[1, 1]"
      ], opsets: [19, 23]
    ) { net in
      let image = net.image()
      return net.builder.pooling(
        .average, image, window: 2, WindowGeometry(dilation: 2), label: "f")
    },
    Case(
      "bilinear to a size",
      [
        "Shape", "Slice", "Concat axis=0",
        "Resize coordinate_transformation_mode=half_pixel mode=linear",
      ]
    ) { net in
      let image = net.image()
      return net.builder.resize(
        image, .bilinear(alignsCorners: false), to: .size(Size2D(height: 5, width: 9)), label: "f")
    },
    Case(
      "bilinear twice with corners",
      ["Resize coordinate_transformation_mode=align_corners mode=linear"]
    ) { net in
      let image = net.image()
      return net.builder.resize(
        image, .bilinear(alignsCorners: true), to: .scale(height: 2, width: 4), label: "f")
    },
    Case(
      "nearest twice",
      ["Resize coordinate_transformation_mode=asymmetric mode=nearest nearest_mode=floor"]
    ) { net in
      let image = net.image()
      return net.builder.resize(image, .nearest, to: .scale(height: 2, width: 2), label: "f")
    },
    Case("nearest to a size", ["Gather axis=2", "Gather axis=3"]) { net in
      let image = net.image()
      return net.builder.resize(
        image, .nearest, to: .size(Size2D(height: 5, width: 9)), label: "f")
    },
    Case(
      "bilinear by an odd scale",
      [
        "Gather axis=2", "Gather axis=2", "Sub", "Mul", "Add", "Gather axis=3", "Gather axis=3",
        "Sub", "Mul", "Add",
      ]
    ) { net in
      let image = net.image()
      return net.builder.resize(
        image, .bilinear(alignsCorners: false), to: .scale(height: 1.5, width: 1.5), label: "f")
    },
  ]

  static let rearrangements: [Case] = [
    Case("concatenation", ["Concat axis=1"]) { net in
      let image = net.image()
      return net.builder.concatenation([image, image, image], label: "f")
    },
    Case("reshape", ["Reshape"]) { net in
      let x = net.exact("x", [1, 2, 3])
      return net.builder.reshape(x, to: [1, 6], label: "f")
    },
    Case("empty reshape", ["Identity"]) { net in
      let x = net.exact("x", [1, 0, 3])
      return net.builder.reshape(x, to: [1, 3, 0], label: "f")
    },
    Case("transpose", ["Transpose perm=[0, 2, 1]"]) { net in
      let x = net.exact("x", [1, 2, 3])
      return net.builder.transpose(x, permutation: [0, 2, 1], label: "f")
    },
    Case("transpose of a scalar", ["Identity"]) { net in
      let x = net.exact("x", [])
      return net.builder.transpose(x, permutation: [], label: "f")
    },
    Case("slice", ["Slice"]) { net in
      let x = net.exact("x", [1, 5, 7])
      return net.builder.slice(
        x, starts: [0, 4, 1], extents: [1, 3, 2], steps: [1, -2, 3], label: "f")
    },
    Case("slice of the batch alone", ["Identity"]) { net in
      let x = net.exact("x", [3])
      return net.builder.slice(x, starts: [0], extents: [3], steps: [1], label: "f")
    },
    Case("constant padding", ["Pad mode=constant"]) { net in
      let x = net.exact("x", [1, 2])
      return net.builder.pad(x, before: [0, 1], after: [0, 2], .constant(4), label: "f")
    },
    Case("edge padding", ["Pad mode=edge"]) { net in
      let x = net.exact("x", [1, 2])
      return net.builder.pad(x, before: [0, 1], after: [0, 2], .edge, label: "f")
    },
    Case("mirrored padding", ["Gather axis=1", "Gather axis=2"]) { net in
      let x = net.exact("x", [1, 2, 3])
      return net.builder.pad(x, before: [0, 3, 1], after: [0, 0, 1], .reflect, label: "f")
    },
    Case("no padding", ["Identity"]) { net in
      let x = net.exact("x", [1, 2])
      return net.builder.pad(x, before: [0, 0], after: [0, 0], .wrap, label: "f")
    },
    Case("broadcast", ["Expand"]) { net in
      let x = net.exact("x", [1, 2, 1])
      return net.builder.broadcast(x, to: [1, 2, 4], label: "f")
    },
    Case("gather by constants", ["Gather axis=1"]) { net in
      let x = net.exact("x", [1, 4])
      let indices = net.builder.constant(Tensor(shape: [3], [-1, 0, 9]), label: "i")
      return net.builder.gather(x, indices: indices, axis: 1, label: "f")
    },
    Case("gather by computed indices", ["IsNaN", "Where", "Clip", "Cast to=7", "Gather axis=0"]) {
      net in
      let x = net.exact("x", [4, 2])
      return net.builder.gather(net.weight("table", [9, 3]), indices: x, axis: 0, label: "f")
    },
  ]
}
