import GraphIR

/// How a window steps along one axis of an image.
struct WindowAxis: Hashable {
  /// Of the image.
  let extent: Int
  /// Pixels of the window.
  let taps: Int
  /// Pixels between neighbouring results.
  var stride = 1
  /// Pixels between neighbouring taps.
  var dilation = 1
  /// Pixels added before and behind the image.
  var before = 0
  var after = 0

  /// Pixels from the first tap to the last, both counted.
  var reach: Int { dilation * (taps - 1) + 1 }

  /// How many windows fit between both ends of the padding.
  ///
  /// - Parameter ceiling: whether the last one may reach beyond it, if it begins in the image or in
  ///   the padding before it.
  /// - Returns: 0 or less where none fits.
  func results(ceiling: Bool = false) -> Int {
    let room = extent + before + after - reach
    guard room >= 0 else { return 0 }
    let count = room / stride + 1
    let takesOneMore = ceiling && room % stride != 0
    let last = (takesOneMore ? count : count - 1) * stride
    return (takesOneMore ? count + 1 : count) - (ceiling && last >= extent + before ? 1 : 0)
  }

  /// The places in the padded image under each of so many windows, window by window.
  func places(_ results: Int) -> [Float] {
    (0..<results).flatMap { index in
      (0..<taps).map { Float(index * stride + $0 * dilation) }
    }
  }

  /// The axis with as much padding behind the image as this many windows touch.
  func trimmed(to results: Int) -> WindowAxis {
    var axis = self
    axis.after = max(0, (results - 1) * stride + reach - extent - before)
    return axis
  }
}

/// How `auto_pad` chooses the padding.
enum AutomaticPadding: String, CaseIterable {
  case explicit = "NOTSET"
  case sameUpper = "SAME_UPPER"
  case sameLower = "SAME_LOWER"
  case none = "VALID"

  /// A padding of both sides together, cut in two: the odd pixel comes behind the image for
  /// `SAME_UPPER` alone.
  func split(_ total: Int) -> (before: Int, after: Int) {
    let half = total / 2
    return self == .sameUpper ? (half, total - half) : (total - half, half)
  }
}

extension ONNXCall {
  /// The most that a size in an attribute may be, so that products and sums of two are counted.
  static let largestSize = Int(Int32.max)

  /// Whole numbers within a range, one for each axis that a window steps over.
  func sizes(
    _ name: String, count: Int, in range: ClosedRange<Int>, default value: Int
  ) throws(ONNXProblem) -> [Int] {
    guard let sizes = try optionalInts(name) else { return [Int](repeating: value, count: count) }
    guard sizes.count == count, sizes.allSatisfy(range.contains) else {
      throw .attribute(
        name, found: "\(sizes.prefix(16))",
        needed: "a list of \(count) numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    return sizes
  }

  /// How the window of a convolution or pooling steps over a signal, an image or a volume.
  ///
  /// - Parameters:
  ///   - image: batch, channels, and one to three more extents.
  ///   - kernel: the extents of the window.
  /// - Returns: an entry for each axis behind batch and channels.
  /// - Throws: `ONNXProblem` where the attributes are not what ONNX allows.
  func windowAxes(image: Shape, kernel: [Int]) throws(ONNXProblem) -> [WindowAxis] {
    let extents = try windowExtents(of: image)
    let count = extents.count
    guard extents.allSatisfy({ $0 <= Self.largestSize }) else { throw .shape(.tooLarge(image)) }
    guard kernel.count == count, kernel.allSatisfy((1...Self.largestSize).contains) else {
      throw .attribute(
        "kernel_shape", found: "\(kernel.prefix(16))", needed: "a list of \(count) numbers")
    }
    let range = 1...Self.largestSize
    let strides = try sizes("strides", count: count, in: range, default: 1)
    let dilations = try sizes("dilations", count: count, in: range, default: 1)
    var axes = (0..<count).map {
      WindowAxis(
        extent: extents[$0], taps: kernel[$0], stride: strides[$0], dilation: dilations[$0])
    }
    let automatic = try word("auto_pad", default: AutomaticPadding.explicit)
    switch automatic {
    case .none: break
    case .explicit:
      let pads = try sizes("pads", count: 2 * count, in: 0...Self.largestSize, default: 0)
      for index in axes.indices {
        (axes[index].before, axes[index].after) = (pads[index], pads[count + index])
      }
    case .sameUpper, .sameLower:
      for (index, axis) in axes.enumerated() where axis.extent > 0 {
        let last = (axis.extent - 1) / axis.stride * axis.stride
        let total = max(0, last + axis.reach - axis.extent)
        (axes[index].before, axes[index].after) = automatic.split(total)
      }
    }
    return axes
  }

  /// The extents behind batch and channels, of which there must be one to three.
  func windowExtents(of image: Shape) throws(ONNXProblem) -> [Int] {
    guard image.count >= 3 else {
      throw .operandShape(0, found: image, needed: "batch, channels and more extents")
    }
    guard image.count <= 5 else { throw .form("\(image.count - 2) axes that a window steps over") }
    return Array(image[2...])
  }
}

// Of two axes, rows and columns.
extension [WindowAxis] {
  /// Rows and columns in the graph's words.
  var geometry: WindowGeometry {
    WindowGeometry(
      stride: Size2D(height: self[0].stride, width: self[1].stride),
      padding: Padding(
        top: self[0].before, left: self[1].before, bottom: self[0].after, right: self[1].after),
      dilation: Size2D(height: self[0].dilation, width: self[1].dilation))
  }

  /// The window's extents.
  var window: Size2D { Size2D(height: self[0].taps, width: self[1].taps) }
}
