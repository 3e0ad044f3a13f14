import Foundation

/// Resizes with smoothing before a reduction.
///
/// Follows `skimage.transform.resize(image, (1, height, width), mode='constant',
/// preserve_range=True)`, which is what torchxrayvision's `XRayResizer` calls: a Gaussian of sigma
/// `(factor - 1) / 2`, cut at four sigmas, in each direction that shrinks; then order-1 sampling
/// at pixel centres; then a clip to the range of the input. Beyond the edges is 0, mid-grey, which
/// fades the border a little.
///
/// Largest difference from the reference on the -1024...1024 scale: 0.02.
///
/// - Parameters:
///   - plane: any size.
///   - width: the new width, at least 1.
///   - height: the new height, at least 1.
/// - Returns: `height` rows of `width` values within the range of the input.
package func resize(_ plane: Plane, width: Int, height: Int) -> Plane {
  precondition(width > 0 && height > 0)
  if width == plane.width && height == plane.height { return plane }
  let resampled = plane.resampled(
    columns: .smoothedLinear(from: plane.height, to: height),
    rows: .smoothedLinear(from: plane.width, to: width))
  return resampled.clipped(toRangeOf: plane)
}

extension ResamplingTable {
  /// Order-1 sampling of the line after a Gaussian, as one table.
  fileprivate static func smoothedLinear(from inputCount: Int, to outputCount: Int) -> Self {
    let factor = Double(inputCount) / Double(outputCount)
    let kernel = gaussian(sigma: max(0, (factor - 1) / 2))
    let radius = kernel.count / 2
    let outputs = (0..<outputCount).map { index in
      let position = (Double(index) + 0.5) * factor - 0.5
      let left = Int(position.rounded(.down))
      let fraction = position - Double(left)
      // Of the two samples, one beyond the line counts as 0 whatever the Gaussian would give there.
      let samples = [(left, 1 - fraction), (left + 1, fraction)].filter {
        (0..<inputCount).contains($0.0) && $0.1 != 0
      }
      let start = max(0, (samples.first?.0 ?? 0) - radius)
      let end = min(inputCount, (samples.last?.0 ?? 0) + radius + 1)
      var weights = [Double](repeating: 0, count: end - start)
      for (center, share) in samples {
        for input in max(start, center - radius)..<min(end, center + radius + 1) {
          weights[input - start] += share * kernel[input - center + radius]
        }
      }
      return Taps(start: start, weights: weights.map(Float.init))
    }
    return Self(inputCount: inputCount, outputs: outputs)
  }

  /// The weights of `scipy.ndimage.gaussian_filter`, which cuts at four sigmas.
  private static func gaussian(sigma: Double) -> [Double] {
    let radius = Int(4 * sigma + 0.5)
    // scipy leaves the line alone below this sigma; above it the division is safe.
    guard sigma > 1e-15 else { return [1] }
    let weights = (-radius...radius).map { exp(-0.5 / (sigma * sigma) * Double($0 * $0)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }
}

extension Plane {
  /// Undoes the fading at the edges as far as it left the range of the input.
  ///
  /// The reference would widen a range without 0 if the output reached 0, which it cannot: every
  /// output has some weight on the input, and none is negative.
  fileprivate func clipped(toRangeOf source: Plane) -> Plane {
    let (low, high) = source.range
    let (lowest, highest) = range
    if lowest >= low && highest <= high { return self }
    return Plane(width: width, height: height, values: values.map { min(max($0, low), high) })
  }

  /// The least and the greatest value.
  private var range: (low: Float, high: Float) {
    values.withUnsafeBufferPointer { values in
      var low = values[0]
      var high = low
      for i in 1..<values.count {
        low = values[i] < low ? values[i] : low
        high = values[i] > high ? values[i] : high
      }
      return (low, high)
    }
  }
}
