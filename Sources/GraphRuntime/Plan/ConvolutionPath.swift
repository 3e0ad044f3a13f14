import CKernels
import GraphIR

/// The ways to compute a convolution.
package enum ConvolutionPath: String, Sendable, CaseIterable {
  /// A matrix product over the pixels as they lie.
  case pointwise
  /// Sums over the taps of a window.
  case direct
  /// F(4x4, 3x3): fewer products, some additions.
  case winograd
  /// Over an image that is not in blocks of channels.
  case planar
  /// One input for every output.
  case depthwise
  /// Windows laid out as a matrix, for what nothing else takes.
  case matrix
}

/// What decides how a convolution is computed: its shape alone, so that neither threads nor batch
/// can change a number.
package struct ConvolutionShape: Hashable, Sendable {
  package let groups: Int
  /// Of one group.
  package let inputs: Int
  package let outputs: Int
  package let window: Size2D
  package let geometry: WindowGeometry
  package let image: Size2D
  package let result: Size2D
  /// Whether the image comes as rows of single channels.
  package let isPlanar: Bool
  package let hasPrologue: Bool

  package init(
    _ op: Convolution, image: Shape, weight: Shape, result: Shape, isPlanar: Bool
  ) {
    groups = op.groups
    inputs = weight[1]
    outputs = weight[0] / op.groups
    window = Size2D(height: weight[2], width: weight[3])
    geometry = op.geometry
    self.image = Size2D(height: image[2], width: image[3])
    self.result = Size2D(height: result[2], width: result[3])
    self.isPlanar = isPlanar
    hasPrologue = op.prologue != nil
  }

  var taps: Int { window.height * window.width }
  var isUnpadded: Bool { geometry.padding == .zero }

  /// Groups narrower than a block whose channels fill whole blocks, each computed with the others
  /// of its block under weights of zero.
  var sharesBlocks: Bool {
    groups > 1 && inputs == outputs && Layout.block.isMultiple(of: inputs)
  }

  /// Groups of whole blocks.
  private var hasWholeBlocks: Bool {
    groups == 1
      || inputs.isMultiple(of: Layout.block) && outputs.isMultiple(of: Layout.block)
  }

  /// Whether a way can compute this convolution at all.
  package func allows(_ path: ConvolutionPath) -> Bool {
    guard inputs > 0, outputs > 0, result.height > 0, result.width > 0 else {
      return path == .matrix
    }
    if hasPrologue { return path == .pointwise && isPointwise }
    switch path {
    case .pointwise: return isPointwise
    case .direct:
      return taps <= Self.mostTaps && (hasWholeBlocks || sharesBlocks)
        && packs(channels: Layout.blocks(sharesBlocks ? 1 : inputs) * Layout.block)
    case .winograd:
      return window == 3 && geometry.stride == 1 && groups == 1
        // Else most tiles, one for each remainder modulo the dilation, would be empty.
        && geometry.dilation.height <= result.height && geometry.dilation.width <= result.width
    case .planar:
      return isPlanar && groups == 1 && inputs * taps <= Self.mostTaps && packs(channels: inputs)
    case .depthwise: return groups > 1 && inputs == 1 && outputs == 1
    case .matrix: return true
    }
  }

  private var isPointwise: Bool {
    window == 1 && isUnpadded && groups == 1
      // The image has no rows or columns beyond those that the stride meets and the padding asks.
      && (result.height - 1) * geometry.stride.height < image.height
      && (result.width - 1) * geometry.stride.width < image.width
  }

  /// Whether the padded rows under one row of the result, of so many channels, fit into a kernel's
  /// scratch memory: a file may ask for any dilation and stride.
  private func packs(channels: Int) -> Bool {
    let reach = Double(geometry.dilation.width) * Double(window.width - 1)
    let rows = Double(geometry.dilation.height) * Double(window.height - 1) + 1
    let columns = Double(result.width) * Double(geometry.stride.width) + reach
    return Double(channels) * rows * columns <= Self.mostPackedNumbers
  }

  /// 128 megabytes of floats a thread.
  private static let mostPackedNumbers = 0x1p25

  /// Taps whose places a kernel keeps on its stack.
  private static let mostTaps = 4096
  /// Channels up to which an image is better read as it is than brought into blocks.
  private static let mostPlanarChannels = 8

  /// The cheapest way.
  package func path(_ precision: Precision, kernels: Kernels) -> ConvolutionPath {
    if allows(.planar), inputs <= Self.mostPlanarChannels { return .planar }
    if allows(.depthwise) { return .depthwise }
    if allows(.pointwise) { return .pointwise }
    guard allows(.direct) else { return .matrix }
    // The oracle is to be as plain as possible.
    guard allows(.winograd), kernels.isVectorised else { return .direct }
    let costs = ConvolutionCost(self, precision, kernels: kernels)
    return costs.winograd < costs.direct ? .winograd : .direct
  }
}

/// An estimate of what a convolution costs, in processor cycles of one thread.
///
/// Counted in vectors of 16 floats, of which a core multiplies one a cycle. The constants come from
/// `zoo bench --layers --all`, which times every way beside the one that is chosen.
struct ConvolutionCost {
  let direct: Double
  let winograd: Double

  /// Cycles to transform one tile of one block of channels.
  private static let transform = 260.0
  /// Bytes a cycle of weights that come from memory or the third-level cache: each inference reads
  /// all weights, and together they fit into no nearer one.
  private static let farBytes = 12.0
  /// The same where weights are read again and fit into the second-level cache.
  private static let nearBytes = 32.0
  private static let nearSize = 768e3
  /// Cycles until weights flow that nothing has asked for: once for each point and tile of outputs.
  private static let streamStart = 2000.0
  /// What a product of bfloat16 costs where pairs are multiplied at once, and where they are taken
  /// apart first, beside one of floats.
  private static let pairedProduct = 0.5
  private static let unpairedProduct = 2.2

  init(_ shape: ConvolutionShape, _ precision: Precision, kernels: Kernels) {
    let inputs = Double(Layout.blocks(shape.inputs) * Layout.block)
    let outputs = Double(Layout.blocks(shape.outputs))
    let pixels = Double(shape.result.height * shape.result.width)
    let taps = Double(shape.taps)
    let product =
      switch precision {
      case .float32: 1.0
      case .bfloat16: kernels.multipliesPairs ? Self.pairedProduct : Self.unpairedProduct
      }
    let blockRow = inputs * outputs * Double(Layout.block)
    direct =
      pixels * taps * inputs * outputs * product
      + taps * blockRow * Double(precision.byteCount) / Self.farBytes

    let dilation = shape.geometry.dilation
    let rows = (shape.result.height + dilation.height - 1) / dilation.height
    let columns = (shape.result.width + dilation.width - 1) / dilation.width
    let tiles = Double(
      dilation.height * dilation.width * ((rows + 3) / 4) * ((columns + 3) / 4))
    let transforms = (inputs / Double(Layout.block) + outputs) * Self.transform
    let products = 36 * inputs * outputs
    let weights = 36 * blockRow * 4
    let passes = (tiles / Double(zoo_winograd_tiles_at_once)).rounded(.up)
    let again = weights <= Self.nearSize ? Self.nearBytes : Self.farBytes
    winograd =
      tiles * (products + transforms)
      + weights / Self.farBytes + 36 * outputs / 2 * Self.streamStart
      + (passes - 1) * weights / again
  }
}
