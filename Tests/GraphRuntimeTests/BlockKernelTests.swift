import CKernels
import GraphRuntime
import Testing

/// Every kernel over blocks of channels, in every variant that this machine has, with operands
/// that end where memory ends.
struct BlockKernelTests {
  static let kernels = Set(blockCases.map(\.kernel)).sorted()

  @Test(arguments: kernels, GuardedMemory.Edge.allCases)
  func makesWhatItMust(_ kernel: String, _ edge: GuardedMemory.Edge) {
    for lazy in blockCases where lazy.kernel == kernel {
      let test = lazy.make()
      for variant in Kernels.available {
        let fault = test.fault(variant, against: edge)
        #expect(fault == nil, "\(variant.name) \(test.name)")
      }
    }
  }

  /// However a result is cut into calls, its bits are those of one call: threads rest on that.
  @Test(arguments: kernels)
  func cutsDoNotShow(_ kernel: String) {
    for (index, lazy) in blockCases.filter({ $0.kernel == kernel }).enumerated() {
      // A third of the shapes, each in both precisions.
      guard index / 2 % 3 == 0 else { continue }
      let test = lazy.make()
      var draw = Draw("cuts/\(test.name)")
      let blocks = draw.cuts(of: test.work.blocks)
      let parts = draw.cuts(of: test.work.units).flatMap { units in
        blocks.map { Rectangle(units: units, blocks: $0) }
      }
      for variant in Kernels.available.dropFirst() {
        let whole = test.work.run(variant, [test.work.whole], against: .end)
        let cut = test.work.run(variant, parts.reversed(), against: .end)
        #expect(
          whole != nil && whole?.map(\.bitPattern) == cut?.map(\.bitPattern),
          "\(variant.name) \(test.name) in \(parts.count) parts")
      }
    }
  }
}
