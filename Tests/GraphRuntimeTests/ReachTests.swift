import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Convolutions whose taps, steps or paddings reach as far beyond the image as can be written down.
struct ReachTests {
  private static let largest = Int(Int32.max)

  /// Taps as far apart as can be written down: the one in the middle alone meets the image, so the
  /// convolution is a sum over the channels with its weights.
  @Test(arguments: [3, 300, 40_000, largest], [1, 20])
  func taps(apart dilation: Int, _ channels: Int) throws {
    let image = integers("apart", [1, channels, 3, 3])
    let weight = integers("apart/weight", [2, channels, 3, 3])
    let (pixels, taps) = (try #require(image.floats()), try #require(weight.floats()))
    let expected: [Float] = (0..<2 * 9).map { at in
      (0..<channels).reduce(0) {
        $0 + taps[(at / 9 * channels + $1) * 9 + 4] * pixels[$1 * 9 + at % 9]
      }
    }
    let far = Size2D(height: dilation, width: dilation)
    for kernels in Kernels.available {
      for precision in Precision.allCases {
        for inBlocks in [false, true] {
          let found = try runConvolution(
            image, weight, WindowGeometry(padding: far, dilation: far), inBlocks: inBlocks,
            kernels, precision: precision
          ).result
          let difference = relativeDifference(found, expected)
          // Small whole numbers: exact in any order, but for the rounding of the result.
          #expect(difference <= (precision == .float32 ? 1e-6 : 0x1p-8), "\(kernels.name)")
        }
      }
    }
  }

  /// A step beyond the image: one result, that of the first window.
  @Test(arguments: [9, 5000, largest], [1, 20])
  func step(of stride: Int, _ channels: Int) throws {
    let image = integers("step", [1, channels, 5, 5])
    let weight = integers("step/weight", [1, channels, 3, 3])
    let (pixels, taps) = (try #require(image.floats()), try #require(weight.floats()))
    var expected: Float = 0
    for channel in 0..<channels {
      for tap in 0..<9 {
        expected += taps[channel * 9 + tap] * pixels[channel * 25 + tap / 3 * 5 + tap % 3]
      }
    }
    let far = Size2D(height: stride, width: stride)
    for kernels in Kernels.available {
      for inBlocks in [false, true] {
        let found = try runConvolution(
          image, weight, WindowGeometry(stride: far), inBlocks: inBlocks, kernels
        ).result
        #expect(found == [expected], "\(kernels.name)")
      }
    }
  }

  /// Windows that begin in the padding far outside, on the image, and far behind it.
  @Test func stepAsFarAsThePadding() throws {
    let image = integers("alone", [1, 2, 3, 3])
    let weight = integers("alone/weight", [1, 2, 2, 2])
    let (pixels, taps) = (try #require(image.floats()), try #require(weight.floats()))
    var middle: Float = 0
    for channel in 0..<2 {
      for tap in 0..<4 {
        middle += taps[channel * 4 + tap] * pixels[channel * 9 + tap / 2 * 3 + tap % 2]
      }
    }
    let far = Size2D(height: Self.largest, width: Self.largest)
    for kernels in Kernels.available {
      for inBlocks in [false, true] {
        let found = try runConvolution(
          image, weight, WindowGeometry(stride: far, padding: Padding(far)), inBlocks: inBlocks,
          kernels
        ).result
        #expect(found == [0, 0, 0, 0, middle, 0, 0, 0, 0], "\(kernels.name)")
      }
    }
  }
}
