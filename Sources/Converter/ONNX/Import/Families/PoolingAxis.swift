import GraphIR

/// How a pooling's window steps along one axis, and how many results that gives.
struct PoolingAxis {
  /// As the node says it.
  let declared: WindowAxis
  /// How many windows there are.
  let results: Int

  /// The same with as much padding behind the image as the windows touch: more than was declared
  /// where the last one reaches beyond it.
  var window: WindowAxis { declared.trimmed(to: results) }

  /// How many pixels of each window count, in the image alone or in the padding as well; what lies
  /// beyond the padding never counts.
  func counts(includingPadding: Bool) -> [Int] {
    let (before, after) = includingPadding ? (declared.before, declared.after) : (0, 0)
    /// How many taps lie nearer to the first one than this.
    func taps(within distance: Int) -> Int {
      distance <= 0 ? 0 : min(declared.taps, (distance - 1) / declared.dilation + 1)
    }
    return (0..<results).map { index in
      let start = index * declared.stride - declared.before
      return taps(within: declared.extent + after - start) - taps(within: -before - start)
    }
  }

  /// The places in the padded image under each window, window by window.
  var places: [Float] {
    (0..<results).flatMap { index in
      (0..<declared.taps).map { Float(index * declared.stride + $0 * declared.dilation) }
    }
  }
}

extension ONNXCall {
  /// How a pooling's window steps over an image, or over a signal as one row of one.
  func pooledAxes(of image: ImportedValue) throws(ONNXProblem) -> [PoolingAxis] {
    guard let kernel = try optionalInts("kernel_shape") else {
      throw .missingAttribute("kernel_shape")
    }
    let windows = try windowAxes(image: image.shape, kernel: kernel)
    // By ONNX's formulas rounding up changes nothing where `auto_pad` gives the padding.
    let isExplicit = try word("auto_pad", default: AutomaticPadding.explicit) == .explicit
    let ceiling = try int("ceil_mode", default: 0) != 0 && isExplicit
    let axes = windows.map { PoolingAxis(declared: $0, results: $0.results(ceiling: ceiling)) }
    guard axes.allSatisfy({ $0.results > 0 }) else {
      throw .shape(
        .window(
          windows.window, image: Size2D(height: windows[0].extent, width: windows[1].extent)))
    }
    return axes
  }
}

extension ONNXImporter {
  /// The largest number, or the mean with zeros around the image, under each window.
  mutating func pooling(
    _ kind: Pooling.Kind, _ image: ImportedValue, _ axes: [PoolingAxis]
  ) throws(ONNXProblem) -> ImportedValue {
    var windows = axes.map(\.window)
    var image = image
    // The graph's op allows no more.
    if windows.contains(where: { max($0.before, $0.after) > $0.taps / 2 }) {
      image = try padded(image, windows, kind == .maximum ? -.infinity : 0)
      for index in windows.indices { (windows[index].before, windows[index].after) = (0, 0) }
    }
    return try emit([image]) {
      $0.pooling(kind, $1[0], window: windows.window, windows.geometry, label: $2)
    }
  }

  /// Where the first largest number under each window stands in the whole image, counted row by row
  /// or, within each map, column by column.
  mutating func maximumPlaces(
    _ image: ImportedValue, _ axes: [PoolingAxis], isColumnMajor: Bool
  ) throws(ONNXProblem) -> ImportedValue {
    let (batch, channels) = (image.shape[0], image.shape[1])
    let (height, width) = (image.shape[2], image.shape[3])
    guard image.shape.elementCount <= Self.mostExactInteger else {
      throw .form("places in more than \(Self.mostExactInteger) numbers")
    }
    let (rows, columns) = (axes[0], axes[1])
    for axis in axes { try Self.requireTable(axis.results, axis.declared.taps) }
    try Self.requireTable(rows.declared.taps, columns.declared.taps)
    try Self.requireTable(batch, channels)

    // The numbers under each window side by side.
    var windows = try padded(image, axes.map(\.window), -.infinity)
    windows = try gather(
      windows, constant(rows.places, [rows.results, rows.declared.taps]), axis: 2)
    windows = try gather(
      windows, constant(columns.places, [columns.results, columns.declared.taps]), axis: 4)
    windows = try transpose(windows, [0, 1, 2, 4, 3, 5])
    let taps = rows.declared.taps * columns.declared.taps
    let result: Shape = [batch, channels, rows.results, columns.results]
    windows = try reshape(windows, to: Shape(result.dimensions + [taps]))
    let first = try emit([windows]) {
      $0.argExtremum(.maximum, $1[0], axis: 4, takesLast: false, label: $2)
    }

    // From the tap to its place in the map, by sums of what each part of it is worth.
    let (rowStep, columnStep) = isColumnMajor ? (1, height) : (width, 1)
    let offsets = (0..<rows.declared.taps).flatMap { row in
      (0..<columns.declared.taps).map { column in
        Float(
          row * rows.declared.dilation * rowStep + column * columns.declared.dilation * columnStep)
      }
    }
    func starts(_ axis: PoolingAxis, _ step: Int) -> [Float] {
      (0..<axis.results).map {
        Float(($0 * axis.declared.stride - axis.declared.before) * step)
      }
    }
    let maps = (0..<batch * channels).map { Float($0 * height * width) }
    var places = try gather(
      constant(offsets, [taps]), try reshape(first, to: result), axis: 0)
    for part in [
      constant(starts(rows, rowStep), [1, 1, rows.results, 1]),
      constant(starts(columns, columnStep), [1, 1, 1, columns.results]),
      constant(maps, [batch, channels, 1, 1]),
    ] { places = try binary(.add, places, part) }
    return places.typed(.int64)
  }

  private mutating func padded(
    _ image: ImportedValue, _ axes: [WindowAxis], _ filler: Float
  ) throws(ONNXProblem) -> ImportedValue {
    try pad(
      image, before: [0, 0] + axes.map(\.before), after: [0, 0] + axes.map(\.after),
      .constant(filler))
  }
}
