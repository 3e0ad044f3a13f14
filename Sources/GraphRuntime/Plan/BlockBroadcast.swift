import GraphIR

/// How an operand of a binary op takes part in a blocked image.
enum BlockBroadcast {
  /// It has the image's shape.
  case image
  /// One number a channel.
  case vector
  /// One number a pixel, or one alone: the same for all channels.
  case map

  /// Nil where the kernel over blocks has no way to read the operand.
  init?(_ shape: Shape, in result: Shape) {
    guard result.count == 4, shape.count <= 4 else { return nil }
    let extents = shape.withLeadingOnes(4)
    let isWhole = (0..<4).map { extents[$0] == result[$0] }
    // The same for all images, or one for each.
    guard isWhole[0] || extents[0] == 1 else { return nil }
    let isOne = extents[1] == 1 && extents[2] == 1 && extents[3] == 1
    if isWhole.allSatisfy(\.self) {
      self = .image
    } else if extents[1] == 1, isWhole[2] && isWhole[3] || isOne {
      self = .map
    } else if isWhole[1], extents[2] == 1, extents[3] == 1 {
      self = .vector
    } else {
      return nil
    }
  }
}

extension BlockBroadcast {
  /// How each operand takes part where the op can run over blocks and one of them is there in
  /// blocks already; nil where it is to run over planar numbers.
  static func ofOperands(
    _ operands: [(shape: Shape, layout: Layout)], result: Shape
  ) -> [BlockBroadcast]? {
    var kinds = [BlockBroadcast]()
    var isBlocked = false
    for operand in operands {
      guard let kind = BlockBroadcast(operand.shape, in: result) else { return nil }
      kinds.append(kind)
      if kind == .image, operand.layout != .planar { isBlocked = true }
    }
    return isBlocked ? kinds : nil
  }
}

extension Shape {
  /// The same with so many axes at least, as it is broadcast.
  func withLeadingOnes(_ rank: Int) -> Shape {
    Shape(Array(repeating: 1, count: Swift.max(0, rank - count)) + dimensions)
  }
}
