/// How models bring an image that is already scaled to their size.
public enum ResolutionFilter: Sendable, CaseIterable {
  /// A triangle as wide as the reduction, with weights that sum to 1 also at the edges:
  /// `torch.nn.functional.interpolate(mode="bilinear", antialias=True)`, which
  /// `torchxrayvision.utils.fix_resolution` calls.
  case antialiased
  /// The two nearest pixels along either axis, however much is left out between them:
  /// `torch.nn.Upsample(mode="bilinear", align_corners=False)`.
  case bilinear
}

/// Brings a square image that is already scaled to the size that a model takes.
///
/// An image of the right size is returned as it is. Largest difference from PyTorch on the
/// -1024...1024 scale: 0.001.
///
/// - Parameters:
///   - plane: as wide as high.
///   - resolution: the new side, at least 1.
///   - filter: what the model does.
/// - Returns: `resolution` rows of `resolution` values within the range of the input.
package func fixResolution(
  _ plane: Plane, to resolution: Int, _ filter: ResolutionFilter = .antialiased
) -> Plane {
  precondition(plane.width == plane.height && resolution > 0)
  if plane.width == resolution { return plane }
  let table: ResamplingTable =
    switch filter {
    case .antialiased: .triangle(from: plane.width, to: resolution)
    case .bilinear: .linear(from: plane.width, to: resolution)
    }
  return plane.resampled(columns: table, rows: table)
}

extension ResamplingTable {
  /// Two neighbours each, by distance; positions are float32, as in PyTorch.
  fileprivate static func linear(from inputCount: Int, to outputCount: Int) -> Self {
    let scale = Float(inputCount) / Float(outputCount)
    let outputs = (0..<outputCount).map { index in
      let position = max(0, scale * (Float(index) + 0.5) - 0.5)
      let start = min(Int(position), inputCount - 1)
      let share = position - Float(start)
      let isLast = start == inputCount - 1
      return Taps(start: start, weights: isLast ? [1] : [1 - share, share])
    }
    return Self(inputCount: inputCount, outputs: outputs)
  }

  /// PyTorch's weights, with its float32 roundings: at thousands of pixels the position of a
  /// filter is only good to a few ten-thousandths, which a hard edge would show.
  fileprivate static func triangle(from inputCount: Int, to outputCount: Int) -> Self {
    let scale = Float(inputCount) / Float(outputCount)
    let support = max(scale, 1)
    let inverse = scale >= 1 ? Float(1 / Double(scale)) : 1
    let outputs = (0..<outputCount).map { index in
      let center = Float(Double(scale) * (Double(index) + 0.5))
      let start = max(0, Int(Double(center - support) + 0.5))
      let end = min(inputCount, Int(Double(center + support) + 0.5))
      let weights = (start..<end).map { input in
        let distance = Float((Double(Float(input) - center) + 0.5) * Double(inverse))
        return max(0, 1 - abs(distance))
      }
      let sum = weights.reduce(0, +)
      return Taps(start: start, weights: weights.map { $0 / sum })
    }
    return Self(inputCount: inputCount, outputs: outputs)
  }
}
