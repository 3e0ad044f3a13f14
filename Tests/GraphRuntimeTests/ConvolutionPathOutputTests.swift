import GraphIR
import GraphRuntime
import TestSupport
import Testing

/// Convolutions in every way that can compute them, against PyTorch.
struct ConvolutionPathOutputTests {
  private static let names = OpFixture.names.filter { $0.hasPrefix("conv/") }

  /// How many fixtures each way takes at least, over planes and over blocks together, so that no
  /// change leaves a way untested.
  private static let least: [ConvolutionPath: Int] = [
    .pointwise: 12, .direct: 60, .winograd: 14, .planar: 24, .depthwise: 4, .matrix: 68,
  ]

  @Test(arguments: ConvolutionPath.allCases, Precision.allCases)
  func matchesPyTorch(_ path: ConvolutionPath, _ precision: Precision) throws {
    var taken = 0
    for name in Self.names {
      let fixture = try #require(try OpFixture.all.get()[name])
      for inBlocks in [false, true] {
        if try check(fixture, name, path, precision, inBlocks: inBlocks) { taken += 1 }
      }
    }
    #expect(taken >= (try #require(Self.least[path])))
  }

  /// Whether the fixture's convolution was computed that way.
  private func check(
    _ fixture: OpFixture, _ name: String, _ path: ConvolutionPath, _ precision: Precision,
    inBlocks: Bool
  ) throws -> Bool {
    let graph = try fixture.graph(inBlocks: inBlocks)
    let (inputs, weights) = fixture.tensors(name)
    // In bfloat16 the operands are rounded by at most 2^-8, before the convolution and behind it.
    let tolerance: Float = precision == .float32 ? 1e-5 : 0x1p-7
    // All variants compute the large ones where no way is preferred; here one is enough.
    let isLarge = name.hasPrefix("conv/many")
    for kernels in isLarge ? [try .forThisMachine()] : Kernels.available {
      let session = try Session(
        graph, weights: weights,
        inputShapes: inputs.mapValues { Shape([1] + $0.shape.dimensions.dropFirst()) },
        endpoints: ["result"], precision: precision, threads: Threads(2), kernels: kernels,
        preferred: path)
      let layers = try session.profile(inputs, runs: 1).filter { $0.op == "convolution" }
      guard layers.last?.path == path.rawValue else { return false }
      let output = try #require(try session.run(inputs)["result"])
      #expect(output.shape == fixture.shape)
      let all = try #require(output.floats())
      let found = stride(from: 0, to: all.count, by: fixture.every).map { all[$0] }
      let difference = relativeDifference(found, fixture.expected)
      #expect(difference < tolerance, "\(name) \(kernels.name) blocks: \(inBlocks)")
    }
    return true
  }

  /// What no fast kernel takes still runs, and the profile says how.
  @Test(arguments: Precision.allCases)
  func profileNamesTheMatrix(_ precision: Precision) throws {
    let name = "conv/groups"
    let fixture = try #require(try OpFixture.all.get()[name])
    let (inputs, weights) = fixture.tensors(name)
    let session = try Session(
      fixture.graph(inBlocks: true), weights: weights, inputShapes: ["0": [1, 6, 5, 5]],
      precision: precision, threads: Threads(1), kernels: .forThisMachine())
    let layers = try session.profile(inputs, runs: 1).filter { $0.op == "convolution" }
    #expect(layers.map(\.label) == ["same0", "conv"])
    #expect(layers.map(\.path) == ["planar", "matrix"])
    #expect(layers[1].floatingPointOperations == 2 * 9 * 25 * 2 * 9)
  }
}
