import GraphIR
import GraphRuntime
import Testing

/// Which ways a convolution can be computed in, and which one is taken: by its shape alone.
struct ConvolutionPathTests {
  /// A convolution, the ways that are possible, and those of which one must be chosen: where there
  /// are two, an estimate of their costs decides.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let image: Shape
    let weight: Shape
    let op: GraphIR.Convolution
    let isPlanar: Bool
    let allowed: Set<ConvolutionPath>
    let chosen: Set<ConvolutionPath>

    init(
      _ name: String, _ image: Shape, _ weight: Shape, stride: Size2D = 1, padding: Size2D = 0,
      dilation: Size2D = 1, groups: Int = 1, prologue: Activation? = nil, isPlanar: Bool = false,
      allowed: Set<ConvolutionPath>, chosen: Set<ConvolutionPath>
    ) {
      testDescription = name
      (self.image, self.weight, self.isPlanar) = (image, weight, isPlanar)
      op = GraphIR.Convolution(
        geometry: WindowGeometry(stride: stride, padding: padding, dilation: dilation),
        groups: groups, prologue: prologue)
      (self.allowed, self.chosen) = (allowed, chosen)
    }

    var shape: ConvolutionShape {
      get throws {
        let result = try GraphIR.Convolution(geometry: op.geometry, groups: op.groups)
          .outputShape(of: [image, weight])
        return ConvolutionShape(
          op, image: image, weight: weight, result: result, isPlanar: isPlanar)
      }
    }
  }

  static let cases = [
    Case(
      "1x1", [1, 64, 14, 14], [32, 64, 1, 1], allowed: [.pointwise, .direct, .matrix],
      chosen: [.pointwise]),
    Case(
      "1x1 of a step", [1, 64, 14, 13], [32, 64, 1, 1], stride: 2,
      allowed: [.pointwise, .direct, .matrix], chosen: [.pointwise]),
    Case(
      "1x1 padded", [1, 64, 14, 14], [32, 64, 1, 1], padding: 1, allowed: [.direct, .matrix],
      chosen: [.direct]),
    Case(
      "1x1 of three planes", [1, 3, 14, 14], [32, 3, 1, 1], isPlanar: true,
      allowed: [.pointwise, .direct, .planar, .matrix], chosen: [.planar]),
    Case(
      "1x1 of nine planes", [1, 9, 14, 14], [32, 9, 1, 1], isPlanar: true,
      allowed: [.pointwise, .direct, .planar, .matrix], chosen: [.pointwise]),
    Case(
      "1x1 with a prologue", [1, 64, 14, 14], [32, 64, 1, 1], prologue: .relu,
      allowed: [.pointwise], chosen: [.pointwise]),
    Case(
      "3x3", [1, 64, 28, 28], [64, 64, 3, 3], padding: 1, allowed: [.direct, .winograd, .matrix],
      chosen: [.direct, .winograd]),
    Case(
      "3x3 dilated", [1, 64, 28, 28], [64, 64, 3, 3], padding: 2, dilation: 2,
      allowed: [.direct, .winograd, .matrix], chosen: [.direct, .winograd]),
    // One pixel in sixteen of a tile is asked for, and every weight is read for it.
    Case(
      "3x3 for one pixel", [1, 512, 3, 3], [512, 512, 3, 3],
      allowed: [.direct, .winograd, .matrix], chosen: [.direct]),
    Case(
      "3x3 of a step", [1, 64, 28, 28], [64, 64, 3, 3], stride: 2, padding: 1,
      allowed: [.direct, .matrix], chosen: [.direct]),
    Case(
      "3x1", [1, 64, 28, 28], [64, 64, 3, 1], allowed: [.direct, .matrix], chosen: [.direct]),
    Case(
      "7x7 of one plane", [1, 1, 224, 224], [64, 1, 7, 7], stride: 2, padding: 3, isPlanar: true,
      allowed: [.direct, .planar, .matrix], chosen: [.planar]),
    Case(
      "7x7 of three planes", [1, 3, 224, 224], [64, 3, 7, 7], stride: 2, padding: 3,
      isPlanar: true, allowed: [.direct, .planar, .matrix], chosen: [.planar]),
    Case(
      "7x7 of nine planes", [1, 9, 224, 224], [64, 9, 7, 7], stride: 2, padding: 3,
      isPlanar: true, allowed: [.direct, .planar, .matrix], chosen: [.direct]),
    Case(
      "7x7 of blocks", [1, 3, 224, 224], [64, 3, 7, 7], stride: 2, padding: 3,
      allowed: [.direct, .matrix], chosen: [.direct]),
    Case(
      "depthwise", [1, 40, 9, 9], [40, 1, 3, 3], padding: 1, groups: 40,
      allowed: [.depthwise, .direct, .matrix], chosen: [.depthwise]),
    Case(
      "depthwise 1x1", [1, 5, 9, 9], [5, 1, 1, 1], groups: 5,
      allowed: [.depthwise, .direct, .matrix], chosen: [.depthwise]),
    Case(
      "depthwise of planes", [1, 5, 9, 9], [5, 1, 3, 3], groups: 5, isPlanar: true,
      allowed: [.depthwise, .direct, .matrix], chosen: [.depthwise]),
    Case(
      "two outputs an input", [1, 16, 9, 9], [32, 1, 3, 3], groups: 16, allowed: [.matrix],
      chosen: [.matrix]),
    Case(
      "groups of whole blocks", [1, 64, 9, 9], [32, 32, 3, 3], groups: 2,
      allowed: [.direct, .matrix], chosen: [.direct]),
    Case(
      "groups of four", [1, 128, 9, 9], [128, 4, 3, 3], groups: 32, allowed: [.direct, .matrix],
      chosen: [.direct]),
    Case(
      "groups of eight, the last block half full", [1, 24, 9, 9], [24, 8, 3, 3], groups: 3,
      allowed: [.direct, .matrix], chosen: [.direct]),
    Case(
      "groups of three", [1, 6, 9, 9], [6, 3, 3, 3], groups: 2, allowed: [.matrix],
      chosen: [.matrix]),
    Case(
      "groups of 24", [1, 48, 9, 9], [48, 24, 3, 3], groups: 2, allowed: [.matrix],
      chosen: [.matrix]),
    Case(
      "groups of a block that narrow", [1, 32, 9, 9], [16, 16, 3, 3], groups: 2,
      allowed: [.matrix], chosen: [.matrix]),
    Case(
      "groups that widen to a block", [1, 16, 9, 9], [32, 8, 3, 3], groups: 2,
      allowed: [.matrix], chosen: [.matrix]),
    Case(
      "no inputs", [1, 0, 9, 9], [8, 0, 3, 3], allowed: [.matrix], chosen: [.matrix]),
    Case(
      "no outputs", [1, 8, 9, 9], [0, 8, 3, 3], allowed: [.matrix], chosen: [.matrix]),
    Case(
      "64x64, as many taps as kernels take", [1, 1, 64, 64], [1, 1, 64, 64], isPlanar: true,
      allowed: [.direct, .planar, .matrix], chosen: [.planar]),
    Case(
      "64x65, one row of taps more", [1, 1, 65, 64], [1, 1, 65, 64], isPlanar: true,
      allowed: [.matrix], chosen: [.matrix]),
    Case(
      "64x64 of two planes", [1, 2, 64, 64], [1, 2, 64, 64], isPlanar: true,
      allowed: [.direct, .matrix], chosen: [.direct]),
  ]

  @Test(arguments: cases, Kernels.available.map(\.name))
  func byShape(_ test: Case, _ instructionSet: String) throws {
    let kernels = try Kernels.forThisMachine(named: instructionSet)
    let shape = try test.shape
    #expect(Set(ConvolutionPath.allCases.filter(shape.allows)) == test.allowed)
    for precision in Precision.allCases {
      let path = shape.path(precision, kernels: kernels)
      #expect(test.chosen.contains(path), "\(path) for \(precision)")
      // The oracle of all is to be plain.
      if instructionSet == "scalar" { #expect(path != .winograd) }
    }
  }

  /// Large maps of few channels are what Winograd's method is for, whatever the constants of the
  /// estimate.
  @Test func winogradIsTakenWhereItPays() throws {
    let test = Case(
      "", [1, 64, 112, 112], [64, 64, 3, 3], padding: 1, allowed: [], chosen: [])
    for kernels in Kernels.available.dropFirst() {
      #expect(try test.shape.path(.float32, kernels: kernels) == .winograd, "\(kernels.name)")
    }
  }
}
