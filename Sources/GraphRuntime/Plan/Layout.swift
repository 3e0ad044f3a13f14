import CKernels
import GraphIR

/// How a value lies in memory.
package enum Layout: Hashable, Sendable {
  /// Row-major 32-bit floats in the order of the shape.
  case planar
  /// Images in blocks of 16 channels, `[block][row][column][16]`, of the given numbers; what fills
  /// up the last block is zero, or at least finite and met by weights of zero.
  case blocked(Precision)

  /// Channels in a block.
  package static let block = Int(zoo_block)

  /// Bytes that a value of this shape needs.
  package func byteCount(_ shape: Shape) -> Int {
    switch self {
    case .planar:
      // Room for whole blocks, which some kernels write.
      (min(shape.elementCount, Self.mostElements) + Self.block) * 4
    case .blocked: shape[0] * imageStride(shape)
    }
  }

  /// Bytes from one image to the next in a value of this shape, whose first axis is the batch.
  package func imageStride(_ shape: Shape) -> Int {
    switch self {
    case .planar: shape.dropFirst().reduce(4, *)
    case .blocked(let precision):
      Self.blocks(shape[1]) * Self.block
        * min(shape[2] * shape[3], Self.mostElements) * precision.byteCount
    }
  }

  /// Blocks that hold so many channels.
  package static func blocks(_ channels: Int) -> Int { (channels + block - 1) / block }

  // Beyond any machine's memory, and so small that sums of bytes can still be counted.
  private static let mostElements = 1 << 46
}

extension Precision {
  /// Bytes of one number of a blocked image.
  var byteCount: Int { self == .float32 ? 4 : 2 }
}
