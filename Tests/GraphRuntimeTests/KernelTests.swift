import CKernels
import GraphRuntime
import Testing

/// Every kernel of the list, in every variant that this machine has, against the plain loops.
struct KernelTests {
  static let names = Array(
    sequence(state: 0) { index -> String? in
      defer { index += 1 }
      return zoo_kernel_name(index).map { String(cString: $0) }
    })

  @Test func everyKernelHasCases() {
    #expect(Set(kernelCases.map(\.kernel) + blockCases.map(\.kernel)) == Set(Self.names))
    #expect(Kernels.available.map(\.name).starts(with: ["scalar", "portable"]))
  }

  @Test(arguments: Set(kernelCases.map(\.kernel)).sorted())
  func matchesTheOracle(_ kernel: String) throws {
    let oracle = try Kernels.forThisMachine(named: "scalar")
    for test in kernelCases where test.kernel == kernel {
      let expected = test.run(oracle, misalignment: 0)
      #expect(expected.isWithinBounds, "scalar \(test.name)")
      for variant in Kernels.available.dropFirst() {
        for misalignment in [0, 1] {
          let found = test.run(variant, misalignment: misalignment)
          #expect(found.isWithinBounds, "\(variant.name) \(test.name)")
          let difference = firstDifference(found.values, expected.values, allowed: test.allowed)
          #expect(difference == nil, "\(variant.name) \(test.name)")
        }
      }
    }
  }

  /// Each of the 192 chains of x * 0.999 + 1 ends at 1000, unless the compiler has cut the loop.
  @Test func peakMeasurementComputes() {
    for kernels in Kernels.available {
      let sum = kernels.table.pointee.multiply_add_chain(20_000)
      #expect(abs(sum / 192_000 - 1) < 1e-4, "\(kernels.name)")
    }
  }

  private func firstDifference(
    _ found: [Float], _ expected: [Float], allowed: [Float]
  ) -> String? {
    for index in found.indices {
      let (a, b) = (found[index], expected[index])
      if a.bitPattern == b.bitPattern || a.isNaN && b.isNaN { continue }
      // Where a difference is allowed at all, it is one of finite numbers.
      if a.isFinite, b.isFinite, abs(a - b) <= allowed[index], allowed[index] > 0 { continue }
      return "[\(index)] is \(a), not \(b)"
    }
    return nil
  }
}
