import GraphIR
import Testing

/// A tensor of doubles.
struct DoubleTensor {
  var shape: Shape
  var values: [Double]

  /// The element at a place of an image batch.
  func at(_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Double {
    values[((n * shape[1] + c) * shape[2] + y) * shape[3] + x]
  }

  /// Fills an image batch place by place.
  init(image shape: Shape, _ value: (_ n: Int, _ c: Int, _ y: Int, _ x: Int) -> Double) {
    self.shape = shape
    values = []
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for y in 0..<shape[2] { for x in 0..<shape[3] { values.append(value(n, c, y, x)) } }
      }
    }
  }

  init(shape: Shape, values: [Double]) { (self.shape, self.values) = (shape, values) }
}

/// Computes graphs in the plainest way, straight from the definitions of the ops.
///
/// It knows what passes start from and what they make; anything else is an error.
struct ReferenceEvaluator {
  struct Unknown: Error { let op: String }

  let graph: Graph

  /// The endpoints by name.
  func callAsFunction(_ inputs: [String: Tensor]) throws -> [String: DoubleTensor] {
    let shapes = try graph.shapes(inputs: inputs.mapValues(\.shape))
    var values = [DoubleTensor]()
    for (node, shape) in zip(graph.nodes, shapes) {
      let operands = node.inputs.map { values[$0.index] }
      switch node.op {
      case .input(let input): values.append(try Self.tensor(inputs[input.name]))
      case .constant(let constant): values.append(try Self.tensor(constant.tensor))
      default: values.append(try Self.result(of: node.op, operands, shape: shape))
      }
      #expect(values.last?.values.count == shape.elementCount)
    }
    return graph.endpoints.mapValues { values[$0.index] }
  }

  private static func tensor(_ tensor: Tensor?) throws -> DoubleTensor {
    let tensor = try #require(tensor)
    return DoubleTensor(shape: tensor.shape, values: try #require(tensor.floats()).map(Double.init))
  }

  private static func result(
    of op: Op, _ operands: [DoubleTensor], shape: Shape
  ) throws -> DoubleTensor {
    let image = operands[0]
    switch op {
    case .convolution(let op): return convolution(op, op.operands(operands), shape: shape)
    case .transposedConvolution(let op): return transposed(op, operands, shape: shape)
    case .batchNorm(let op):
      return DoubleTensor(image: shape) { n, c, y, x in
        let (gamma, beta) = (operands[1].values[c], operands[2].values[c])
        let (mean, variance) = (operands[3].values[c], operands[4].values[c])
        return (image.at(n, c, y, x) - mean) / (variance + Double(op.epsilon)).squareRoot() * gamma
          + beta
      }
    case .channelAffine(let op):
      return image.prepared(
        op.activation, Prologue(scale: operands[1], shift: operands[2]))
    case .unary(let op) where op.function == .relu:
      return DoubleTensor(shape: shape, values: image.values.map { max($0, 0) })
    case .binary(let op) where op.function == .add && image.shape == operands[1].shape:
      return DoubleTensor(shape: shape, values: zip(image.values, operands[1].values).map(+))
    case .binary(let op) where op.function == .add && operands[1].shape.count == 1:
      return DoubleTensor(image: shape) { image.at($0, $1, $2, $3) + operands[1].values[$3] }
    case .pooling(let op):
      let operands = op.operands(operands)
      return pooling(op, operands.image.prepared(op.prologue, operands.prologue), shape: shape)
    case .spatialMean(let op):
      let operands = op.operands(operands)
      let image = operands.image.prepared(op.prologue, operands.prologue)
      let plane = image.shape[2] * image.shape[3]
      return DoubleTensor(
        shape: shape,
        values: (0..<shape.elementCount).map {
          image.values[$0 * plane..<($0 + 1) * plane].reduce(0, +) / Double(plane)
        })
    case .concatenation(let op) where op.axis == 1:
      return DoubleTensor(image: shape) { n, c, y, x in
        var channel = c
        for operand in operands {
          if channel < operand.shape[1] { return operand.at(n, channel, y, x) }
          channel -= operand.shape[1]
        }
        return .nan
      }
    case .linear:
      let (inner, outputs) = (image.shape[1], shape[1])
      return DoubleTensor(
        shape: shape,
        values: (0..<shape.elementCount).map { index in
          (0..<inner).reduce(operands[2].values[index % outputs]) {
            $0 + image.values[index / outputs * inner + $1]
              * operands[1].values[index % outputs * inner + $1]
          }
        })
    default: throw Unknown(op: type(of: op.attributes).name)
    }
  }

  private static func convolution(
    _ op: Convolution, _ operands: Convolution.Operands<DoubleTensor>, shape: Shape
  ) -> DoubleTensor {
    let image = operands.image.prepared(op.prologue, operands.prologue)
    let weight = operands.weight
    return DoubleTensor(image: shape) { n, output, y, x in
      var sum = operands.bias?.values[output] ?? 0
      let first = output / (shape[1] / op.groups) * weight.shape[1]
      for (ky, iy) in rows(op.geometry, y, window: weight.shape[2], image.shape[2]) {
        for (kx, ix) in columns(op.geometry, x, window: weight.shape[3], image.shape[3]) {
          for c in 0..<weight.shape[1] {
            sum += weight.at(output, c, ky, kx) * image.at(n, first + c, iy, ix)
          }
        }
      }
      sum += operands.residual?.at(n, output, y, x) ?? 0
      return op.activation == .relu ? max(sum, 0) : sum
    }
  }

  private static func transposed(
    _ op: TransposedConvolution, _ operands: [DoubleTensor], shape: Shape
  ) -> DoubleTensor {
    let (image, weight) = (operands[0], operands[1])
    let (stride, dilation, padding) = (
      op.geometry.stride, op.geometry.dilation, op.geometry.padding
    )
    let (groupInputs, groupOutputs) = (image.shape[1] / op.groups, weight.shape[1])
    return DoubleTensor(image: shape) { n, output, y, x in
      var sum = operands.count == 3 ? operands[2].values[output] : 0
      for iy in 0..<image.shape[2] {
        for ky in 0..<weight.shape[2]
        where iy * stride.height + ky * dilation.height - padding.top == y {
          for ix in 0..<image.shape[3] {
            for kx in 0..<weight.shape[3]
            where ix * stride.width + kx * dilation.width - padding.left == x {
              for c in 0..<groupInputs {
                let input = output / groupOutputs * groupInputs + c
                sum +=
                  image.at(n, input, iy, ix) * weight.at(input, output % groupOutputs, ky, kx)
              }
            }
          }
        }
      }
      return op.activation == .relu ? max(sum, 0) : sum
    }
  }

  private static func pooling(
    _ op: Pooling, _ image: DoubleTensor, shape: Shape
  ) -> DoubleTensor {
    DoubleTensor(image: shape) { n, c, y, x in
      let taps = rows(op.geometry, y, window: op.window.height, image.shape[2]).flatMap { _, iy in
        columns(op.geometry, x, window: op.window.width, image.shape[3]).map { _, ix in
          image.at(n, c, iy, ix)
        }
      }
      return op.kind == .maximum
        ? taps.reduce(-.infinity, max)
        : taps.reduce(0, +) / Double(op.window.height * op.window.width)
    }
  }

  /// The taps of a window that lie on rows of the image, each with its row.
  private static func rows(
    _ geometry: WindowGeometry, _ y: Int, window: Int, _ extent: Int
  ) -> [(Int, Int)] {
    (0..<window).map {
      ($0, y * geometry.stride.height - geometry.padding.top + $0 * geometry.dilation.height)
    }.filter { (0..<extent).contains($0.1) }
  }

  private static func columns(
    _ geometry: WindowGeometry, _ x: Int, window: Int, _ extent: Int
  ) -> [(Int, Int)] {
    (0..<window).map {
      ($0, x * geometry.stride.width - geometry.padding.left + $0 * geometry.dilation.width)
    }.filter { (0..<extent).contains($0.1) }
  }
}

extension DoubleTensor {
  /// The image behind a prologue, or as it is without one.
  func prepared(_ activation: Activation?, _ prologue: Prologue<DoubleTensor>?) -> DoubleTensor {
    guard let activation, let prologue else { return self }
    return DoubleTensor(image: shape) { n, c, y, x in
      let value = at(n, c, y, x) * prologue.scale.values[c] + prologue.shift.values[c]
      return activation == .relu ? max(value, 0) : value
    }
  }
}
