import GraphIR

/// Functions between layers, each of real numbers.
enum ActivationOps {
  static let table: [String: ONNXHandler] = [
    "Relu": ArithmeticOps.unary(.relu),
    "Sigmoid": ArithmeticOps.unary(.sigmoid),
    "Tanh": ArithmeticOps.unary(.tanh),
    "Erf": ArithmeticOps.unary(.erf),
    "Softplus": ArithmeticOps.unary(.softplus),
    "LeakyRelu": { importer, call throws(ONNXProblem) in
      let slope = try call.float("alpha", default: 0.01)
      return [try importer.unary(.leakyRelu(slope: slope), try importer.real(call, 0))]
    },
    "Elu": { importer, call throws(ONNXProblem) in
      let alpha = try call.float("alpha", default: 1)
      return [try importer.unary(.elu(alpha: alpha), try importer.real(call, 0))]
    },
    "Selu": { importer, call throws(ONNXProblem) in
      let alpha = try call.float("alpha", default: 1.673_263_2)
      let elu = try importer.unary(.elu(alpha: alpha), try importer.real(call, 0))
      return [try importer.scaled(elu, by: try call.float("gamma", default: 1.050_701))]
    },
    "Celu": celu,
    "PRelu": parametricRelu,
    "ThresholdedRelu": thresholdedRelu,
    "Gelu": gelu,
    "HardSigmoid": { importer, call throws(ONNXProblem) in
      let slope = try call.float("alpha", default: 0.2)
      let offset = try call.float("beta", default: 0.5)
      return [try hardSigmoid(&importer, try importer.real(call, 0), slope, offset)]
    },
    "HardSwish": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      let gate = try hardSigmoid(&importer, value, 1 / 6, 0.5)
      return [try importer.binary(.multiply, value, gate)]
    },
    "Softsign": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      let size = try importer.shifted(try importer.unary(.absolute, value), by: 1)
      return [try importer.binary(.divide, value, size)]
    },
    "Mish": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      let gate = try importer.unary(.tanh, try importer.unary(.softplus, value))
      return [try importer.binary(.multiply, value, gate)]
    },
    "Swish": { importer, call throws(ONNXProblem) in
      let value = try importer.real(call, 0)
      let alpha = try call.float("alpha", default: 1)
      if alpha == 1 { return [try importer.unary(.silu, value)] }
      let gate = try importer.unary(.sigmoid, try importer.scaled(value, by: alpha))
      return [try importer.binary(.multiply, value, gate)]
    },
    "Clip": clip,
  ]

  /// `alpha * (exp(x / alpha) - 1)` below 0.
  @Sendable private static func celu(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    let alpha = try call.float("alpha", default: 1)
    guard alpha > 0 else {
      throw .attribute("alpha", found: "\(alpha)", needed: "a number above 0")
    }
    let inner = alpha == 1 ? value : try importer.binary(.divide, value, importer.scalar(alpha))
    return [try importer.scaled(try importer.unary(.elu(alpha: 1), inner), by: alpha)]
  }

  /// Slopes that broadcast to the value; before opset 7, one a channel.
  @Sendable private static func parametricRelu(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    var slope = try importer.real(call, 1)
    if let number = slope.uniformNumber, slope.rank <= value.rank {
      return [try importer.unary(.leakyRelu(slope: number), value)]
    }
    if call.opset < 7, slope.rank == 1, value.rank > 2, slope.shape[0] == value.shape[1] {
      let behind = [Int](repeating: 1, count: value.rank - 2)
      slope = try importer.reshape(slope, to: Shape(slope.shape.dimensions + behind))
    }
    guard slope.shape.broadcast(with: value.shape) == value.shape else {
      throw .shape(.notBroadcastable(value.shape, slope.shape))
    }
    let isBelow = try importer.binary(.less, value, importer.scalar(0), dtype: .bool)
    let below = try importer.binary(.multiply, value, slope)
    return [try importer.select(isBelow, below, value)]
  }

  @Sendable private static func thresholdedRelu(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    let threshold = importer.scalar(try call.float("alpha", default: 1))
    let isAbove = try importer.binary(.less, threshold, value, dtype: .bool)
    return [try importer.select(isAbove, value, importer.scalar(0))]
  }

  private enum Approximation: String, CaseIterable {
    case none
    case tanh
  }

  @Sendable private static func gelu(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try importer.real(call, 0)
    if try call.word("approximate", default: Approximation.none) == .none {
      return [try importer.unary(.gelu, value)]
    }
    // Half of x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which is x times a sigmoid.
    let square = try importer.binary(.multiply, value, value)
    let factor = try importer.shifted(
      try importer.scaled(square, by: 2 * 0.797_884_56 * 0.044_715), by: 2 * 0.797_884_56)
    let gate = try importer.unary(.sigmoid, try importer.binary(.multiply, value, factor))
    return [try importer.binary(.multiply, value, gate)]
  }

  private static func hardSigmoid(
    _ importer: inout ONNXImporter, _ value: ImportedValue, _ slope: Float, _ offset: Float
  ) throws(ONNXProblem) -> ImportedValue {
    let line = try importer.shifted(try importer.scaled(value, by: slope), by: offset)
    let positive = try importer.unary(.relu, line)
    return try importer.binary(.minimum, positive, importer.scalar(1))
  }

  /// Bounds as operands, or before opset 11 as attributes; the upper one wins over the lower.
  @Sendable private static func clip(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    var result = try importer.real(call, 0)
    var (lower, upper): (ImportedValue?, ImportedValue?)
    if call.opset < 11 {
      lower = try call.optionalFloat("min").map(importer.scalar)
      upper = try call.optionalFloat("max").map(importer.scalar)
    } else {
      for index in 1...2 {
        guard call.optional(index) != nil else { continue }
        let bound = try importer.real(call, index)
        guard bound.shape.elementCount == 1 else {
          throw .operandShape(index, found: bound.shape, needed: "one number")
        }
        let scalar = try importer.reshape(bound, to: [])
        if index == 1 { lower = scalar } else { upper = scalar }
      }
    }
    if let lower {
      // The convolution before it can take a Relu along.
      result =
        lower.uniformNumber == 0
        ? try importer.unary(.relu, result) : try importer.binary(.maximum, result, lower)
    }
    if let upper { result = try importer.binary(.minimum, result, upper) }
    return [result]
  }
}
