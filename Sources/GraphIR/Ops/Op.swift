/// An operation with its attributes.
///
/// The set is kept small: an op earns its place when no composition of others serves. Everything
/// that is known of an op (attributes, shape rule, builder method) stands in the file of its name;
/// this switch is the only list.
public enum Op: Sendable {
  case input(Input)
  case parameter(Parameter)
  case constant(Constant)
  case convolution(Convolution)
  case transposedConvolution(TransposedConvolution)
  case batchNorm(BatchNorm)
  case channelAffine(ChannelAffine)
  case groupNorm(GroupNorm)
  case unary(Unary)
  case binary(Binary)
  case pooling(Pooling)
  case gridPooling(GridPooling)
  case spatialMean(SpatialMean)
  case reduction(Reduction)
  case resize(Resize)
  case concatenation(Concatenation)
  case linear(Linear)
  case reshape(Reshape)
  case pixelAxis(PixelAxis)
  case transpose(Transpose)
  case slicing(Slicing)
  case pad(Pad)
  case broadcast(Broadcast)
  case matrixProduct(MatrixProduct)
  case gather(Gather)
  case argExtremum(ArgExtremum)
  case select(Select)

  /// The attributes, behind the one protocol that the graph's own machinery needs.
  public var attributes: any OpAttributes {
    switch self {
    case .input(let attributes): attributes
    case .parameter(let attributes): attributes
    case .constant(let attributes): attributes
    case .convolution(let attributes): attributes
    case .transposedConvolution(let attributes): attributes
    case .batchNorm(let attributes): attributes
    case .channelAffine(let attributes): attributes
    case .groupNorm(let attributes): attributes
    case .unary(let attributes): attributes
    case .binary(let attributes): attributes
    case .pooling(let attributes): attributes
    case .gridPooling(let attributes): attributes
    case .spatialMean(let attributes): attributes
    case .reduction(let attributes): attributes
    case .resize(let attributes): attributes
    case .concatenation(let attributes): attributes
    case .linear(let attributes): attributes
    case .reshape(let attributes): attributes
    case .pixelAxis(let attributes): attributes
    case .transpose(let attributes): attributes
    case .slicing(let attributes): attributes
    case .pad(let attributes): attributes
    case .broadcast(let attributes): attributes
    case .matrixProduct(let attributes): attributes
    case .gather(let attributes): attributes
    case .argExtremum(let attributes): attributes
    case .select(let attributes): attributes
    }
  }
}

/// What the graph's machinery needs to know of an op.
public protocol OpAttributes: Sendable {
  /// The op's name in dumps and messages.
  static var name: String { get }
  /// How many operands the op takes.
  var operandCounts: ClosedRange<Int> { get }
  /// The attributes as words for dumps; empty where they are all at their defaults.
  var detail: String { get }
  /// The shape of the result.
  func outputShape(of inputs: [Shape]) throws(ShapeProblem) -> Shape
  /// The result for constant operands, or nil for ops that are not folded.
  func evaluate(_ inputs: [Tensor]) -> Tensor?
  /// Whether the batch of some operands is the first axis of the result too, each image made from
  /// the same one of the operands; asked only where some operand has a batch and the result's first
  /// extent is the batch's.
  func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool
}

extension OpAttributes {
  /// No words by default.
  public var detail: String { "" }
  /// Not folded by default.
  public func evaluate(_ inputs: [Tensor]) -> Tensor? { nil }
  /// Counts as mixing images by default.
  public func carriesBatch(_ operands: [BatchOperand], to result: Shape) -> Bool { false }
}

/// What is applied to a result before it is stored.
public enum Activation: String, Hashable, Sendable {
  case identity
  case relu
}
