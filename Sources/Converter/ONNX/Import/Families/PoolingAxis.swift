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
}

extension ONNXCall {
  /// How a pooling's window steps over a signal, an image or a volume.
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
      throw .operandShape(0, found: image.shape, needed: "a map that a window \(kernel) fits into")
    }
    return axes
  }
}

extension ONNXImporter {
  /// The largest number, or the mean with zeros around the image, under each window.
  mutating func pooling(
    _ kind: Pooling.Kind, _ image: ImportedValue, _ axes: [PoolingAxis]
  ) throws(ONNXProblem) -> ImportedValue {
    var value = image
    var extents = image.shape.dimensions
    // Two axes at a time, the last ones first: a maximum of maxima is one, a mean of means too.
    var end = axes.count
    while end > 0 {
      let start = max(0, end - 2)
      let outer = try Self.product(extents[1..<2 + start])
      let inner = try Self.product(extents[(2 + end)...])
      var windows = axes[start..<end].map(\.window)
      if windows.count == 1 {
        let still = WindowAxis(extent: inner, taps: 1)
        if inner == 1 { windows.insert(still, at: 0) } else { windows.append(still) }
      }
      value = try reshape(value, to: [extents[0], outer, windows[0].extent, windows[1].extent])
      value = try pooling(kind, value, windows)
      for index in start..<end { extents[2 + index] = axes[index].results }
      end = start
    }
    return try reshape(value, to: Shape(extents))
  }

  private mutating func pooling(
    _ kind: Pooling.Kind, _ image: ImportedValue, _ windows: [WindowAxis]
  ) throws(ONNXProblem) -> ImportedValue {
    var (image, windows) = (image, windows)
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
    guard image.shape.elementCount <= Self.mostExactInteger else {
      throw .form("places in more than \(Self.mostExactInteger) numbers")
    }
    let (batch, channels) = (image.shape[0], image.shape[1])
    try requireTable([batch, channels])
    for axis in axes { try requireTable([axis.results, axis.declared.taps]) }

    // The numbers under each window side by side.
    var windows = try padded(image, axes.map(\.window), -.infinity)
    for (index, axis) in axes.enumerated() {
      let places = constant(axis.declared.places(axis.results), [axis.results, axis.declared.taps])
      windows = try gather(windows, places, axis: 2 + 2 * index)
    }
    let count = axes.count
    windows = try transpose(
      windows, [0, 1] + (0..<count).map { 2 + 2 * $0 } + (0..<count).map { 3 + 2 * $0 })
    try requireTable(axes.map(\.declared.taps))
    let taps = axes.reduce(1) { $0 * $1.declared.taps }
    let result = [batch, channels] + axes.map(\.results)
    windows = try reshape(windows, to: Shape(result + [taps]))
    let first = try emit([windows]) {
      $0.argExtremum(.maximum, $1[0], axis: 2 + count, takesLast: false, label: $2)
    }

    // From the tap to its place in the map, by sums of what each part of it is worth.
    let maps = try Self.product(image.shape[2...])
    var parts = [constant((0..<batch * channels).map { Float($0 * maps) }, [batch, channels])]
    parts[0] = try reshape(parts[0], to: Shape([batch, channels] + axes.map { _ in 1 }))
    var offsets = [0]
    for (index, axis) in axes.enumerated() {
      let others = isColumnMajor ? image.shape[2..<2 + index] : image.shape[(3 + index)...]
      let step = try Self.product(others)
      offsets = offsets.flatMap { offset in
        (0..<axis.declared.taps).map { offset + $0 * axis.declared.dilation * step }
      }
      let starts = (0..<axis.results).map {
        Float(($0 * axis.declared.stride - axis.declared.before) * step)
      }
      var shape = [Int](repeating: 1, count: 2 + count)
      shape[2 + index] = axis.results
      parts.append(constant(starts, Shape(shape)))
    }
    var places = try gather(
      constant(offsets.map(Float.init), [taps]), try reshape(first, to: Shape(result)), axis: 0)
    for part in parts { places = try binary(.add, places, part) }
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
