import CKernels

let binaryFunctions = [
  zoo_add, zoo_subtract, zoo_multiply, zoo_divide, zoo_maximum, zoo_minimum, zoo_power,
  zoo_remainder, zoo_less, zoo_less_or_equal, zoo_equal,
]

/// A run of numbers in either type; `cutsDoNotShow` cuts it anywhere.
let unaryRunCases = cases("unary") { length, bf16, draw in
  let function = draw.one(of: UnaryFunction.all)
  let count = length * 7 - draw.below(7)
  let values = Numbers(Operand.wild("unary/run/\(length)", count), bf16: bf16).values
  let allowed = function.allowed(values).map(Double.init)
  let name = "\(function.name) \(count)"
  return OracleCase(name: name, allowed: { allowed[$0] }) { bf16 in
    let size = bf16 ? 2 : 4
    return BlockWork(
      operands: [Numbers(values, bf16: bf16)], before: .canaries(count, bf16: bf16),
      units: count, blocks: 1
    ) { table, memory, part in
      var unary = function.function
      let start = part.units.first * size
      table.unary(
        memory.result + start, memory.operands[0] + start, part.units.count, &unary, bf16)
    }
  }
}

/// How an operand is broadcast to an image in blocks.
private enum Broadcast: CaseIterable {
  case image, vector, floatVector, map, floatMap, scalar

  func operand(_ values: UnsafeMutableRawPointer, plane: Int, bf16: Bool) -> zoo_operand {
    let isFloat = self == .floatVector || self == .floatMap || !bf16
    let block = isFloat ? 64 : 32
    var operand = zoo_operand()
    operand.numbers = UnsafeRawPointer(values)
    operand.bf16 = !isFloat
    switch self {
    case .image: (operand.block_step, operand.pixel_step) = (plane * block, block)
    case .vector, .floatVector: operand.block_step = block
    case .map: (operand.pixel_step, operand.spread) = (block, true)
    case .floatMap: (operand.pixel_step, operand.spread) = (4, true)
    case .scalar: operand.spread = true
    }
    return operand
  }

  func numbers(_ stream: String, blocks: Int, plane: Int, bf16: Bool) -> Numbers {
    let count =
      switch self {
      case .image: blocks * plane * 16
      case .vector, .floatVector: blocks * 16
      case .map: plane * 16
      case .floatMap: plane
      case .scalar: 1
      }
    let isFloat = self == .floatVector || self == .floatMap
    return Numbers(Operand.wild(stream, count), bf16: bf16 && !isFloat)
  }
}

let combineCases = cases("combine_blocks") { plane, bf16, draw in
  let function = draw.one(of: binaryFunctions)
  let kinds = [draw.one(of: Broadcast.allCases), draw.one(of: Broadcast.allCases)]
  let (blocks, inPlace) = (1 + draw.below(3), draw.below(3))
  let isInPlace = inPlace > 0 && kinds[inPlace - 1] == .image
  let name = "\(plane) function \(function.rawValue) \(kinds) in place \(isInPlace ? inPlace : 0)"
  // The values are those of the precision of the case, also where the oracle is given floats.
  let sides = kinds.enumerated().map { side, kind in
    kind.numbers("\(side)/\(name)", blocks: blocks, plane: plane, bf16: bf16).values
  }
  return OracleCase(name: name) { bf16 in
    let operands = zip(kinds, sides).map { kind, values in
      Numbers(values, bf16: bf16 && kind != .floatVector && kind != .floatMap)
    }
    return BlockWork(
      operands: operands,
      before: isInPlace
        ? operands[inPlace - 1] : .canaries(blocks * plane * 16, bf16: bf16),
      units: blocks * plane, blocks: 1
    ) { table, memory, part in
      func operand(_ side: Int) -> zoo_operand {
        let own = isInPlace && inPlace == side + 1
        return kinds[side].operand(
          own ? memory.result : memory.operands[side], plane: plane, bf16: bf16)
      }
      var (a, b) = (operand(0), operand(1))
      table.combine_blocks(memory.result, &a, &b, plane, part.units, function, bf16)
    }
  }
}

let blankPaddingCases = cases("blank_padding") { channels, bf16, draw in
  let plane = 1 + draw.below(70)
  let count = Layout16(channels: channels).count * plane
  let image = Numbers(Operand.wild("blank/\(channels)", count), bf16: bf16).values
  return OracleCase(name: "\(channels)x\(plane)") { bf16 in
    BlockWork(
      operands: [], before: Numbers(image, bf16: bf16), units: count / 16, blocks: 1
    ) { table, memory, part in
      table.blank_padding(memory.result, channels, plane, part.units, bf16)
    }
  }
}

let reduceBlocksCases = cases("reduce_blocks") { channels, bf16, draw in
  let function = draw.one(of: reductionFunctions)
  let plane = 1 + draw.below(300)
  let layout = Layout16(channels: channels)
  let name = "\(channels)x\(plane) function \(function.rawValue)"
  let fill: Convolution.Fill = draw.below(2) == 0 ? .plain : .poisoned
  let count = channels * plane
  var numbers = function.isExtremum ? Operand.wild(name, count) : fill.values(name, count)
  if function == zoo_product { numbers = function.nearOne(numbers) }
  let image = Numbers(layout.blocked(numbers, plane: plane), bf16: bf16).values
  let allowed = function.isExtremum ? 0 : function.allowedError(terms: plane + 1)
  return OracleCase(name: name, allowed: { _ in allowed }) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)], before: .canaries(layout.count, bf16: bf16),
      units: 1, blocks: layout.count / 16
    ) { table, memory, part in
      table.reduce_blocks(memory.result, memory.operands[0], plane, part.blocks, function, bf16)
    }
  }
}
