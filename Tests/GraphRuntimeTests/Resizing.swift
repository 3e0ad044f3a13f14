import CKernels

/// Tables for resizing, drawn: neighbouring rows in any order, weights that add up to 1.
struct Resizing: Sendable {
  let height, width, outHeight, outWidth: Int
  let isNearest: Bool
  private let rows, columns: [zoo_pick]

  init(_ size: Int, _ draw: inout Draw) {
    (height, width) = (1 + draw.below(33), 1 + size % 33)
    (outHeight, outWidth) = (1 + draw.below(33), 1 + draw.below(40))
    isNearest = draw.below(3) == 0
    let isAscending = draw.below(3) > 0
    func picks(from extent: Int, to count: Int) -> [zoo_pick] {
      (0..<count).map { index in
        let first = isAscending ? index * extent / count : draw.below(extent)
        let weight = Float(draw.below(8)) / 8
        return zoo_pick(
          first: UInt32(first), second: UInt32(min(first + 1, extent - 1)),
          first_weight: 1 - weight, second_weight: weight)
      }
    }
    rows = picks(from: height, to: outHeight)
    columns = picks(from: width, to: outWidth)
  }

  var name: String { "\(height)x\(width) to \(outHeight)x\(outWidth) nearest \(isNearest)" }

  func withTables(_ body: (UnsafePointer<zoo_resize>) -> Void) {
    rows.withUnsafeBufferPointer { rows in
      columns.withUnsafeBufferPointer { columns in
        var resize = zoo_resize(
          height: height, width: width, out_height: outHeight, out_width: outWidth,
          rows: rows.baseAddress, columns: columns.baseAddress, nearest: isNearest)
        body(&resize)
      }
    }
  }

  /// Numbers below 1, or any where nothing is added.
  func image(_ stream: String, _ count: Int) -> [Float] {
    isNearest ? Operand.wild(stream, count) : Operand.plain(stream, count)
  }
  /// Three roundings of each of the four products, of numbers below 1, on either side.
  var allowed: Double { isNearest ? 0 : 8 * Double(roundingUnit) }
}

let resizeCases = (1...40).map { size in
  var draw = Draw("resize/\(size)")
  let (resizing, channels) = (Resizing(size, &draw), 1 + draw.below(3))
  let image = resizing.image("resize/\(size)", channels * resizing.height * resizing.width)
  let count = channels * resizing.outHeight * resizing.outWidth
  return KernelCase(
    "resize", "\(channels)x\(resizing.name)", output: count,
    allowed: Array(repeating: Float(resizing.allowed), count: count)
  ) { table, out in
    resizing.withTables { table.resize(out, image, $0, channels) }
  }
}

let resizeBlocksCases = cases("resize_blocks") { channels, bf16, draw in
  let resizing = Resizing(channels * 5, &draw)
  let layout = Layout16(channels: channels)
  let plane = resizing.height * resizing.width
  let name = "\(channels) channels \(resizing.name)"
  let image = Numbers(
    layout.blocked(resizing.image(name, channels * plane), plane: plane), bf16: bf16
  ).values
  return OracleCase(name: name, allowed: { _ in resizing.allowed }) { bf16 in
    BlockWork(
      operands: [Numbers(image, bf16: bf16)],
      before: .canaries(layout.count * resizing.outHeight * resizing.outWidth, bf16: bf16),
      units: resizing.outHeight, blocks: layout.count / 16,
      scratch: { _ in
        var bytes = 0
        resizing.withTables { bytes = zoo_resize_scratch($0) }
        return bytes
      },
      call: { table, memory, part in
        resizing.withTables {
          table.resize_blocks(
            memory.result, memory.operands[0], $0, part.units, part.blocks, memory.scratch, bf16)
        }
      })
  }
}
