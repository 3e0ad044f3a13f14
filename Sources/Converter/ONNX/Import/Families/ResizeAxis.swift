import GraphIR

/// How one axis of a tensor becomes longer or shorter.
struct ResizeAxis {
  /// How many elements there are, not 0.
  let extent: Int
  /// How many there shall be, not 0.
  let result: Int
  /// What the extent is multiplied by; the product may be larger than the result's extent by less
  /// than 1.
  let scale: Float
  /// The part of the axis that the result shows, of its length from 0 to 1.
  var region: (start: Float, end: Float) = (0, 1)

  /// Whether the result is the operand.
  var isIdentity: Bool { extent == result && scale == 1 && region == (0, 1) }
}

/// The rule for where an element of the result lies in the operand: ONNX's
/// `coordinate_transformation_mode`.
enum ResizeCoordinates: String, CaseIterable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric
  case tensorFlowHalfPixel = "tf_half_pixel_for_nn"
  case tensorFlowCrop = "tf_crop_and_resize"

  /// The place in the operand for each element of the result; may lie outside.
  ///
  /// In 32-bit floats as ONNX Runtime and PyTorch calculate: that decides which element is nearest
  /// where the place is close to the middle between two.
  func places(_ axis: ResizeAxis) -> [Float] {
    let (extent, scale) = (Float(axis.extent), axis.scale)
    // Without rounding to whole elements.
    let length = extent * scale
    let (start, end) = axis.region
    return (0..<axis.result).map { index in
      let index = Float(index)
      let centred = (index + 0.5) / scale - 0.5
      switch self {
      case .halfPixel: return centred
      case .halfPixelSymmetric:
        return extent / 2 * (1 - Float(axis.result) / length) + centred
      case .pytorchHalfPixel: return axis.result > 1 ? centred : 0
      case .alignCorners: return length == 1 ? 0 : index * (extent - 1) / (length - 1)
      case .asymmetric: return index / scale
      case .tensorFlowHalfPixel: return (index + 0.5) / scale
      case .tensorFlowCrop:
        guard axis.result > 1 else { return (start + end) * (extent - 1) / 2 }
        return start * (extent - 1)
          + index * (end - start) * (extent - 1) / Float(axis.result - 1)
      }
    }
  }
}

/// The rule for which element is the nearest: ONNX's `nearest_mode`.
enum ResizeRounding: String, CaseIterable {
  case roundPreferFloor = "round_prefer_floor"
  case roundPreferCeil = "round_prefer_ceil"
  case floor
  case ceil

  /// What differs by no more than this is half way between two elements: quotients of 32-bit floats
  /// that ought to be come as close, and ONNX Runtime takes them so.
  private static let tolerance: Float = 1e-6

  /// The elements nearest to places along an axis of this extent, those outside counting as the
  /// outermost.
  func elements(at places: [Float], extent: Int) -> [Int] {
    places.map { place in
      let below = place.rounded(.down)
      let beyondHalf = place - below - 0.5
      let isAbove =
        switch self {
        case .roundPreferFloor: beyondHalf > Self.tolerance
        case .roundPreferCeil: beyondHalf >= -Self.tolerance
        case .floor: false
        case .ceil: place > below
        }
      return clamped(isAbove ? below + 1 : below, extent: extent)
    }
  }
}

/// A whole number brought within an axis; what is none counts as 0.
private func clamped(_ place: Float, extent: Int) -> Int {
  guard place > 0 else { return 0 }
  return place < Float(extent) ? min(Int(place), extent - 1) : extent - 1
}

/// How elements around a place are weighed.
enum ResizeKernel {
  case linear
  /// Keys' cubic convolution with its free coefficient.
  case cubic(Float)

  /// Elements further away than this weigh nothing.
  private var radius: Double {
    switch self {
    case .linear: 1
    case .cubic: 2
    }
  }

  private func weight(at distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .linear: return max(0, 1 - x)
    case .cubic(let a):
      let a = Double(a)
      if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
  }

  /// The weight of each element of an axis in each of the result.
  ///
  /// - Parameters:
  ///   - places: where the elements of the result lie.
  ///   - extent: of the axis.
  ///   - stretch: at most 1; the smaller, the more elements around a place take part, as
  ///     antialiasing wants it.
  ///   - excludesOutside: whether elements before and behind the axis weigh nothing, rather than
  ///     stand for the outermost.
  /// - Returns: a matrix of `places.count` rows and `extent` columns.
  func weights(
    at places: [Float], extent: Int, stretch: Double, excludesOutside: Bool
  ) -> [Float] {
    var weights = [Float](repeating: 0, count: places.count * extent)
    let reach = radius / stretch
    // One row's, cleared behind each: a table by places would take many times the memory.
    var sums = [Double](repeating: 0, count: extent)
    for (row, place) in places.enumerated() {
      // Places beyond lie in a region of which nothing is shown.
      let place = min(max(Double(place), -reach), Double(extent) + reach)
      guard !place.isNaN else { continue }
      var total = 0.0
      let elements = Int((place - reach).rounded(.down))...Int((place + reach).rounded(.up))
      for element in elements {
        let isOutside = element < 0 || element >= extent
        if isOutside, excludesOutside { continue }
        let weight = weight(at: (Double(element) - place) * stretch)
        sums[min(max(element, 0), extent - 1)] += weight
        total += weight
      }
      // Without these the weights sum to 1 already.
      let isPartial = excludesOutside || stretch < 1
      let divisor = isPartial && total != 0 ? total : 1
      let columns = [elements.lowerBound, elements.upperBound].map { min(max($0, 0), extent - 1) }
      for column in columns[0]...columns[1] {
        weights[row * extent + column] = Float(sums[column] / divisor)
        sums[column] = 0
      }
    }
    return weights
  }
}
