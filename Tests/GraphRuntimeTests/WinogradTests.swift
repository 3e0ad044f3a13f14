import CKernels
import GraphRuntime
import Testing

/// Winograd's method beside the direct sum of the same numbers.
struct WinogradTests {
  private func convolution(_ kernel: Convolution.Kernel, _ channels: Int) -> Convolution {
    Convolution(
      kernel,
      zoo_window(
        channels: channels, height: 19, width: 18, window_height: 3, window_width: 3, stride_y: 1,
        stride_x: 1, padding_y: 1, padding_x: 1, dilation_y: 1, dilation_x: 1, out_height: 19,
        out_width: 18), outputs: 32, bf16: false, stream: "winograd/\(channels)")
  }

  /// The largest error is at most three times that of the direct sum in float32, as it would not
  /// be with other points; against plain loops over weights that Winograd's method never saw.
  @Test(arguments: [16, 64, 256])
  func errorIsAFewTimesTheDirectSums(_ channels: Int) throws {
    let direct = convolution(.direct, channels).work
    let winograd = convolution(.winograd, channels).work
    let scalar = try Kernels.forThisMachine(named: "scalar")
    let exact = try #require(direct.run(scalar, [direct.whole], against: .end))
    func error(_ work: BlockWork, _ kernels: Kernels) throws -> Float {
      let found = try #require(work.run(kernels, [work.whole], against: .end))
      return zip(found, exact).map { abs($0 - $1) }.max() ?? .infinity
    }
    for variant in Kernels.available.dropFirst() {
      let (ours, plain) = (try error(winograd, variant), try error(direct, variant))
      #expect(ours <= 3 * plain, "\(variant.name) \(ours) beside \(plain)")
    }
  }
}
