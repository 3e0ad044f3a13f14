/// The scale that all models share.
package enum XRayScale {
  /// White; black is its negative.
  package static let limit: Float = 1024
}

/// Scales samples in `0...maximumSample` to -1024...1024.
///
/// Follows `torchxrayvision.utils.normalize`, operation by operation, in float32.
///
/// - Parameters:
///   - samples: `height` rows of `width`.
///   - width: samples in a row.
///   - height: rows.
///   - maximumSample: the sample that becomes 1024.
/// - Returns: `height` rows of `width` values.
package func normalize(
  _ samples: [UInt16], width: Int, height: Int, maximumSample: Int
) -> Plane {
  precondition(samples.count == width * height && maximumSample > 0)
  let maximum = Float(maximumSample)
  return Plane(width: width, height: height) { output in
    samples.withUnsafeBufferPointer { samples in
      for i in 0..<samples.count {
        output[i] = (2 * (Float(samples[i]) / maximum) - 1) * XRayScale.limit
      }
    }
  }
}
