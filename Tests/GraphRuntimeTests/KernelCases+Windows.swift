import CKernels

/// Windows over small images: every combination of side, stride, padding, dilation and width that
/// leaves room for a result.
private let windows: [zoo_window] = [1, 2, 3, 7].flatMap { side in
  [1, 2, 3].flatMap { stride in
    [0, 1, 2, 3].flatMap { padding in
      [1, 2, 3].flatMap { dilation in
        [(5, 1), (4, 17), (7, 33), (3, 48)].compactMap { height, width in
          zoo_window(side, stride, padding, dilation, height, width)
        }
      }
    }
  }
}

let poolCases = windows.filter { $0.padding_x * 2 <= $0.window_width }.flatMap { window in
  let name = window.name
  let image = Operand.wild("pool/\(name)", window.imageCount)
  let plain = Operand.plain("pool/plain/\(name)", window.imageCount)
  let (count, rows) = (window.channels * window.out_height * window.out_width, window.out_height)
  // As many roundings as taps, of a mean below 1.
  let allowed = Array(
    repeating: Float(window.window_height * window.window_width + 1) * roundingUnit, count: count)
  return [
    KernelCase("max_pool", name, output: count) { table, out in
      var window = window
      table.max_pool(out, image, &window, 0, rows)
    },
    // Its rows one by one, and the first one left out.
    KernelCase("max_pool", name + " by rows", output: count) { table, out in
      var window = window
      for row in 1..<max(1, rows) { table.max_pool(out, image, &window, row, 1) }
    },
    KernelCase("average_pool", name, output: count, allowed: allowed) { table, out in
      var window = window
      table.average_pool(out, plain, &window, 0, rows)
    },
    KernelCase("average_pool", name + " last row", output: count, allowed: allowed) { table, out in
      var window = window
      table.average_pool(out, plain, &window, rows - 1, 1)
    },
  ]
}

let im2colCases = windows.flatMap { window in
  let name = window.name
  let image = Operand.wild("im2col/\(name)", window.imageCount)
  let taps = window.channels * window.window_height * window.window_width
  let rows = window.out_height
  return [
    KernelCase("im2col", name, output: taps * rows * window.out_width) { table, out in
      var window = window
      table.im2col(out, image, &window, 0, rows)
    },
    KernelCase("im2col", name + " last row", output: taps * window.out_width) { table, out in
      var window = window
      table.im2col(out, image, &window, rows - 1, 1)
    },
  ]
}

extension zoo_window {
  /// A window that is one pixel wider than high where that fits, over two channels.
  fileprivate init?(
    _ side: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ height: Int, _ width: Int
  ) {
    let columns = side == 1 || side > width ? side : side + 1
    let free = (
      y: height + 2 * padding - dilation * (side - 1) - 1,
      x: width + 2 * padding - dilation * (columns - 1) - 1
    )
    guard free.y >= 0, free.x >= 0 else { return nil }
    self.init(
      channels: 2, height: height, width: width, window_height: side, window_width: columns,
      stride_y: stride, stride_x: stride, padding_y: padding, padding_x: padding,
      dilation_y: dilation, dilation_x: dilation, out_height: free.y / stride + 1,
      out_width: free.x / stride + 1)
  }

  fileprivate var imageCount: Int { channels * height * width }

  fileprivate var name: String {
    "\(window_height)x\(window_width) stride \(stride_x) padding \(padding_x) dilation "
      + "\(dilation_x) over \(height)x\(width)"
  }
}
