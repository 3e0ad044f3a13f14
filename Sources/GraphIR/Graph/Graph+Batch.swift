/// What is known of an operand when a graph is asked whether it keeps the images of a batch apart.
public struct BatchOperand: Hashable, Sendable {
  /// The operand's shape.
  public let shape: Shape
  /// Whether its first axis is the batch; a value that depends on no input has none.
  public let hasBatch: Bool

  /// Pairs what is known.
  public init(shape: Shape, hasBatch: Bool) { (self.shape, self.hasBatch) = (shape, hasBatch) }

  /// Whether the operand may be broadcast to a result whose first axis is the batch: its own batch
  /// lies there, or it has none and is the same for all images.
  func isAligned(with result: Shape) -> Bool {
    hasBatch
      ? shape.count == result.count && shape.first == result.first
      : shape.count < result.count || shape.first == 1
  }
}

extension Collection<BatchOperand> {
  /// Whether the first operand alone has a batch.
  var onlyFirstHasBatch: Bool {
    enumerated().allSatisfy { index, operand in operand.hasBatch == (index == 0) }
  }
}

extension Graph {
  /// Whether the images of a batch never meet: whether the first axis of every input is a batch of
  /// the same extent that every op carries along, untouched, as the first axis of its result, to
  /// every endpoint.
  ///
  /// Such a graph may be compiled for one image and run image by image. The answer is careful:
  /// graphs that keep images apart in a way that is not seen at first sight count as mixing them.
  ///
  /// - Parameter shapes: every value's shape, by index, as `shapes(inputs:)` gives them.
  /// - Returns: false too where the graph has no inputs.
  public func isIndependentAlongBatch(shapes: [Shape]) -> Bool {
    !inputs.isEmpty && firstMixingImages(shapes: shapes) == nil
  }

  /// The first value in which the images of a batch meet, or an endpoint that has no batch; nil
  /// where there is none.
  package func firstMixingImages(shapes: [Shape]) -> Value? {
    precondition(shapes.count == nodes.count, "one shape a node")
    var hasBatch = [Bool]()
    var batch: Int?
    for (node, shape) in zip(nodes, shapes) {
      if case .input = node.op {
        guard let extent = shape.first, batch == nil || batch == extent else {
          return Value(hasBatch.count)
        }
        batch = extent
        hasBatch.append(true)
        continue
      }
      let operands = node.inputs.map {
        BatchOperand(shape: shapes[$0.index], hasBatch: hasBatch[$0.index])
      }
      guard operands.contains(where: \.hasBatch) else {
        hasBatch.append(false)
        continue
      }
      guard shape.first == batch, node.op.attributes.carriesBatch(operands, to: shape) else {
        return Value(hasBatch.count)
      }
      hasBatch.append(true)
    }
    return endpoints.values.sorted { $0.index < $1.index }.first { !hasBatch[$0.index] }
  }
}
