/// Lets an op that reads each pixel about once normalise its image as it reads: a `ChannelAffine`
/// becomes the prologue of the pointwise convolution, pooling or spatial mean behind it.
///
/// Larger convolutions read each pixel many times, and grouped ones are not worth a kernel, so
/// those keep the affine map in front of them.
public struct FuseInputNormalization: Pass {
  /// The pass' name in messages.
  public let name = "fuse input normalization"

  /// Creates the pass.
  public init() {}

  /// Replaces an op behind an affine map by the op with a prologue.
  public func patch(for value: Graph.Value, in view: GraphView) -> Patch? {
    let node = view[value]
    guard let image = node.inputs.first, case .channelAffine(let affine) = view[image].op,
      view.isUsedOnce(image)
    else { return nil }
    let normalised = view[image].inputs
    let prologue = Prologue(scale: normalised[1], shift: normalised[2])
    // A prologue is packed beforehand.
    guard view.isWeight(prologue.scale), view.isWeight(prologue.shift) else { return nil }

    let op: Op
    var inputs = [normalised[0], prologue.scale, prologue.shift]
    switch node.op {
    case .convolution(var convolution) where convolution.prologue == nil:
      var operands = convolution.operands(node.inputs)
      guard convolution.groups == 1, view.isPointwise(convolution, weight: operands.weight),
        // No other way of computing a convolution takes a prologue.
        view.weightShape(of: operands.weight)?.contains(0) == false,
        operands.bias.map(view.isWeight) ?? true
      else { return nil }
      operands.image = normalised[0]
      operands.prologue = prologue
      inputs = operands.inputs
      convolution.prologue = affine.activation
      op = .convolution(convolution)
    case .pooling(var pooling) where pooling.prologue == nil:
      pooling.prologue = affine.activation
      op = .pooling(pooling)
    case .spatialMean(var mean) where mean.prologue == nil:
      mean.prologue = affine.activation
      op = .spatialMean(mean)
    default:
      return nil
    }
    return Patch(in: view) { builder in builder.add(op, inputs, label: node.label) }
  }
}
