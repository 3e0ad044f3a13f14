import CKernels
import GraphRuntime

/// Every case of the kernels over blocks of channels.
let blockCases: [LazyBlockCase] =
  convolutionCases + poolBlocksCases + meanCases + affineCases + combineCases + toBlocksCases
  + fromBlocksCases + placeCases + unaryRunCases + blankPaddingCases + reduceBlocksCases
  + resizeBlocksCases + transposedCases + momentsCases

/// One case for each number of channels around one, two and more blocks, in both precisions.
func cases(
  _ kernel: String, _ make: @escaping @Sendable (Int, Bool, inout Draw) -> OracleCase
) -> [LazyBlockCase] {
  (Array(1...33) + [48, 80]).flatMap { channels in
    [false, true].map { bf16 in
      LazyBlockCase(kernel: kernel) {
        var draw = Draw("\(kernel)/\(channels)")
        let test = make(channels, bf16, &draw)
        return test.blockCase(kernel, bf16: bf16, &draw)
      }
    }
  }
}

/// A case whose expected numbers are what the plain loops make of the same operands in float32.
struct OracleCase {
  let name: String
  /// How far each number may be from the oracle's; 0 where every bit must agree.
  var allowed: (Int) -> Double = { _ in 0 }
  /// The work with its images in bfloat16, or not.
  let work: (Bool) -> BlockWork

  func blockCase(_ kernel: String, bf16: Bool, _ draw: inout Draw) -> BlockCase {
    let (oracle, work) = (work(false), work(bf16))
    let part = Rectangle(
      units: draw.part(of: work.units, atMost: work.units),
      blocks: draw.part(of: work.blocks, atMost: work.blocks))
    guard let numbers = oracle.run(Kernels.available[0], [part], against: .end) else {
      fatalError("the plain loops write where they must not: \(kernel) \(name)")
    }
    return BlockCase(
      kernel: kernel, name: "\(name) \(bf16 ? "bf16" : "f32")", work: work, rectangle: part,
      expected: Expected.near(numbers, before: oracle.before, allowed: allowed))
  }
}

private let poolBlocksCases = cases("pool_blocks") { channels, bf16, draw in
  let window = ConvolutionShapes.window(
    nil, channels: channels, (1 + draw.below(33), 1 + draw.below(33)), &draw)
  let (maximum, affine) = (draw.below(2) == 0, TestAffine(channels, &draw))
  let layout = Layout16(channels: channels)
  let name = "\(window) maximum \(maximum) \(affine.name)"
  // Numbers that are summed, or multiplied, are below 1; comparing takes any.
  let fill: Convolution.Fill = draw.below(2) == 0 ? .plain : .poisoned
  let count = channels * window.plane
  let numbers =
    maximum && affine.isNone ? Operand.wild(name, count) : fill.values(name, count)
  let image = Numbers(layout.blocked(numbers, plane: window.plane), bf16: bf16).values
  let taps = Double(window.tapCount)
  // As many roundings on either side as numbers in the sum, and two of the affine function.
  let allowed =
    (maximum ? 0 : (2 * taps + 4) * affine.most * Double(roundingUnit)) + affine.rounding
  return OracleCase(name: name, allowed: { _ in allowed }) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)] + affine.operands,
      before: .canaries(layout.count * window.outPlane, bf16: bf16), units: window.out_height,
      blocks: layout.count / 16
    ) { table, memory, part in
      var pooling = zoo_pooling(
        window: window, maximum: maximum, affine: affine.pointers(memory, at: 1))
      table.pool_blocks(
        memory.result, memory.operands[0], &pooling, part.units, part.blocks, bf16)
    }
  }
}

private let meanCases = cases("mean_blocks") { channels, bf16, draw in
  let (plane, affine) = (1 + draw.below(300), TestAffine(channels, &draw))
  let layout = Layout16(channels: channels)
  let name = "\(channels)x\(plane) \(affine.name)"
  let fill: Convolution.Fill = draw.below(2) == 0 ? .plain : .poisoned
  let image = Numbers(
    layout.blocked(fill.values(name, channels * plane), plane: plane), bf16: bf16
  ).values
  let allowed = Double(plane + 3) * affine.most * Double(roundingUnit) + affine.rounding
  return OracleCase(name: name, allowed: { _ in allowed }) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)] + affine.operands,
      before: .canaries(channels, bf16: false), units: 1, blocks: layout.count / 16
    ) { table, memory, part in
      var pointers = affine.pointers(memory, at: 1)
      table.mean_blocks(
        memory.resultFloats, memory.operands[0], &pointers, channels, plane, part.blocks, bf16)
    }
  }
}

private let momentsCases = cases("moments_blocks") { channels, bf16, draw in
  // Less than a strip, some whole ones, or some and a part.
  let strip = Int(zoo_strip)
  let plane = draw.one(of: [1, 2, strip - 1, strip, 2 * strip, 2 * strip + 1, 5 * strip + 77])
  let layout = Layout16(channels: channels)
  let name = "\(channels)x\(plane)"
  let fill: Convolution.Fill = draw.below(2) == 0 ? .plain : .poisoned
  let image = Numbers(
    layout.blocked(fill.values(name, channels * plane), plane: plane), bf16: bf16
  ).values
  let units = layout.count / 16 * zoo_strips(plane)
  // Numbers are below 1, so that a sum of n has n roundings of n at most; a difference is off by
  // that of the mean, and its square by twice as much.
  let count = Double(min(plane, strip))
  let ofMean = (count + 2) * Double(roundingUnit)
  let ofSquares = count * 4 * (ofMean + 2 * Double(roundingUnit)) + 4 * count * ofMean
  return OracleCase(name: name, allowed: { $0 % 32 < 16 ? ofMean : ofSquares }) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)], before: .canaries(units * 32, bf16: false),
      units: units, blocks: 1
    ) { table, memory, part in
      table.moments_blocks(memory.resultFloats, memory.operands[0], plane, part.units, bf16)
    }
  }
}

private let affineCases = cases("affine_blocks") { channels, bf16, draw in
  let (plane, affine) = (1 + draw.below(70), TestAffine(channels, &draw, always: true))
  let layout = Layout16(channels: channels)
  let isInPlace = draw.below(2) == 0
  let name = "\(channels)x\(plane) \(affine.name) in place \(isInPlace)"
  let image = Numbers(
    layout.blocked(Operand.wild(name, channels * plane), plane: plane), bf16: bf16
  ).values
  let allowed = { (index: Int) in
    let channel = index / 16 / plane * 16 + index % 16
    return 2 * Double(roundingUnit)
      * Double(abs(image[index] * affine.scale[channel]) + abs(affine.shift[channel]))
  }
  return OracleCase(name: name, allowed: allowed) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)] + affine.operands,
      before: isInPlace ? Numbers(image, bf16: bf16) : .canaries(image.count, bf16: bf16),
      units: 1, blocks: layout.count / 16
    ) { table, memory, part in
      var pointers = affine.pointers(memory, at: 1)
      let source = isInPlace ? memory.result : memory.operands[0]
      table.affine_blocks(memory.result, source, &pointers, plane, part.blocks, bf16)
    }
  }
}

private let toBlocksCases = cases("to_blocks") { channels, _, draw in
  let plane = 1 + draw.below(70)
  let layout = Layout16(channels: channels)
  let image = Numbers(Operand.wild("to/\(channels)", channels * plane))
  return OracleCase(name: "\(channels)x\(plane)") { bf16 in
    BlockWork(
      operands: [image], before: .canaries(layout.count * plane, bf16: bf16), units: 1,
      blocks: layout.count / 16
    ) { table, memory, part in
      table.to_blocks(memory.result, memory.floats(0), channels, plane, part.blocks, bf16)
    }
  }
}

private let fromBlocksCases = cases("from_blocks") { channels, bf16, draw in
  let plane = 1 + draw.below(70)
  let layout = Layout16(channels: channels)
  let image = Numbers(Operand.wild("from/\(channels)", layout.count * plane), bf16: bf16).values
  return OracleCase(name: "\(channels)x\(plane)") { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)], before: .canaries(channels * plane, bf16: false),
      units: 1, blocks: layout.count / 16
    ) { table, memory, part in
      table.from_blocks(
        memory.resultFloats, memory.operands[0], channels, plane, part.blocks, bf16)
    }
  }
}

private let placeCases = cases("place_blocks") { channels, bf16, draw in
  let (plane, first, behind) = (1 + draw.below(40), draw.below(40), draw.below(20))
  let layout = Layout16(channels: channels)
  let total = Layout16(channels: first + channels + behind).count
  let image = Numbers(Operand.wild("place/\(channels)", layout.count * plane), bf16: bf16).values
  return OracleCase(name: "\(channels)x\(plane) from channel \(first)") { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)], before: .canaries(total * plane, bf16: bf16),
      units: 1, blocks: 1
    ) { table, memory, _ in
      table.place_blocks(memory.result, memory.operands[0], first, channels, plane, bf16)
    }
  }
}
