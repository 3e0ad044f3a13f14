import CKernels
import GraphIR

/// What decides how a transposed convolution is computed: its shape alone.
package struct TransposedShape: Hashable, Sendable {
  package let groups: Int
  /// Of one group.
  package let inputs: Int
  package let outputs: Int
  package let window: Size2D
  package let geometry: WindowGeometry
  package let image: Size2D
  package let result: Size2D

  package init(_ op: TransposedConvolution, image: Shape, weight: Shape, result: Shape) {
    groups = op.groups
    inputs = weight[0] / op.groups
    outputs = weight[1]
    window = Size2D(height: weight[2], width: weight[3])
    geometry = op.geometry
    self.image = Size2D(height: image[2], width: image[3])
    self.result = Size2D(height: result[2], width: result[3])
  }

  var taps: Int { window.height * window.width }

  /// Groups narrower than a block whose channels fill whole blocks, each computed with the others
  /// of its block under weights of zero.
  var sharesBlocks: Bool {
    groups > 1 && inputs == outputs && inputs > 0 && Layout.block.isMultiple(of: inputs)
  }

  /// Taps whose places the kernel keeps on its stack, and pixels that it packs around an image.
  private static let mostTaps = 4096
  private static let mostReach = 1024
  /// Rows or columns between neighbouring pixels' windows: a pass over the taps is made for each.
  private static let mostStride = 16

  /// Whether the kernel over blocks takes it.
  package var isBlocked: Bool {
    let stride = geometry.stride
    guard inputs > 0, outputs > 0, taps <= Self.mostTaps, stride.height <= Self.mostStride,
      stride.width <= Self.mostStride
    else { return false }
    let hasWholeBlocks =
      groups == 1
      || inputs.isMultiple(of: Layout.block) && outputs.isMultiple(of: Layout.block)
    var whole = kernelWindow(channels: inputs)
    let phases = zoo_phase_window(&whole)
    return (hasWholeBlocks || sharesBlocks) && phases.window_height <= Self.mostReach
      && phases.window_width <= Self.mostReach
  }

  func kernelWindow(channels: Int) -> zoo_window {
    zoo_window(geometry, window: window, channels: channels, image: image, result: result)
  }
}
