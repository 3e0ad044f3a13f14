import GraphIR
import Testing

/// Whether graphs keep the images of a batch apart: ops that do, and how each may fail to.
struct BatchTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let inputs: [Shape]
    let isIndependent: Bool
    let build: @Sendable (inout GraphBuilder, [Graph.Value]) -> Graph.Value

    init(
      _ name: String, _ isIndependent: Bool, _ inputs: [Shape],
      _ build: @escaping @Sendable (inout GraphBuilder, [Graph.Value]) -> Graph.Value
    ) {
      (testDescription, self.isIndependent, self.inputs, self.build) =
        (name, isIndependent, inputs, build)
    }
  }

  @Test(
    arguments: imageCases + elementCases + rearrangingCases + productCases + graphCases)
  func batch(_ test: Case) throws {
    var builder = GraphBuilder()
    let inputs = test.inputs.enumerated().map { builder.input("\($0)", shape: $1) }
    builder.endpoint("result", test.build(&builder, inputs))
    let graph = try builder.build()
    let named = test.inputs.enumerated().map { ("\($0)", $1) }
    let shapes = try graph.shapes(inputs: Dictionary(uniqueKeysWithValues: named))
    #expect(graph.isIndependentAlongBatch(shapes: shapes) == test.isIndependent)
  }

  private static let image: Shape = [4, 3, 5, 5]

  private static let imageCases = [
    Case("convolution", true, [image]) {
      let weight = $0.parameter("weight", [2, 3, 3, 3])
      return $0.convolution($1[0], weight: weight, label: "")
    },
    Case("convolution with a weight that has a batch", false, [[3, 3, 5, 5], [3, 3, 3, 3]]) {
      $0.convolution($1[0], weight: $1[1], label: "")
    },
    Case("convolution with a bias that has a batch", false, [[3, 3, 5, 5], [3]]) {
      let weight = $0.parameter("weight", [3, 3, 3, 3])
      return $0.convolution($1[0], weight: weight, bias: $1[1], label: "")
    },
    Case("convolution of a constant", false, [[4, 3, 3, 3]]) {
      let image = $0.parameter("image", [4, 3, 5, 5])
      return $0.convolution(image, weight: $1[0], label: "")
    },
    Case("residual", true, [image, [4, 2, 3, 3]]) {
      let weight = $0.parameter("weight", [2, 3, 3, 3])
      return $0.add(
        .convolution(Convolution(addsResidual: true)), [$1[0], weight, $1[1]], label: "")
    },
    Case("constant residual", false, [image]) {
      let weight = $0.parameter("weight", [2, 3, 3, 3])
      let residual = $0.parameter("residual", [4, 2, 3, 3])
      return $0.add(
        .convolution(Convolution(addsResidual: true)), [$1[0], weight, residual], label: "")
    },
    Case("transposed convolution", true, [image]) {
      let weight = $0.parameter("weight", [3, 2, 3, 3])
      return $0.transposedConvolution($1[0], weight: weight, label: "")
    },
    Case("pooling", true, [image]) {
      $0.pooling(.maximum, $1[0], window: 2, WindowGeometry(), label: "")
    },
    Case("resize", true, [image]) { $0.resize($1[0], .nearest, to: .size(7), label: "") },
    Case("spatial mean", true, [image]) { $0.spatialMean($1[0], label: "") },
    Case("linear", true, [[4, 3]]) {
      let (weight, bias) = ($0.parameter("weight", [2, 3]), $0.parameter("bias", [2]))
      return $0.linear($1[0], weight: weight, bias: bias, label: "")
    },
    Case("linear with a weight that has a batch", false, [[4, 3], [4, 3]]) {
      let bias = $0.parameter("bias", [4])
      return $0.linear($1[0], weight: $1[1], bias: bias, label: "")
    },
  ]

  private static let elementCases = [
    Case("unary", true, [[4]]) { $0.unary(.erf, $1[0], label: "") },
    Case("two images", true, [image, image]) { $0.binary(.add, $1[0], $1[1], label: "") },
    Case("one number", true, [image]) {
      let one = $0.constant(1, label: "")
      return $0.binary(.add, one, $1[0], label: "")
    },
    Case("channels", true, [image]) {
      let channels = $0.parameter("channels", [1, 3, 1, 1])
      return $0.binary(.multiply, $1[0], channels, label: "")
    },
    Case("a number for each image", false, [image]) {
      let numbers = $0.parameter("numbers", [4, 1, 1, 1])
      return $0.binary(.multiply, $1[0], numbers, label: "")
    },
    Case("batch against rows", false, [[4, 4], [4]]) { $0.binary(.add, $1[0], $1[1], label: "") },
    Case("select", true, [[4, 2], [4, 1]]) {
      let zero = $0.constant(0, label: "")
      return $0.select($1[0], zero, $1[1], label: "")
    },
    Case("select of each", false, [[4, 2]]) {
      let numbers = $0.parameter("numbers", [4, 1])
      return $0.select($1[0], $1[0], numbers, label: "")
    },
    Case("reduction", true, [image]) { $0.reduction(.product, $1[0], axes: [1, 3], label: "") },
    Case("reduced batch", false, [[1, 3]]) { $0.reduction(.sum, $1[0], axes: [0], label: "") },
    Case("argument", true, [image]) {
      $0.argExtremum(.maximum, $1[0], axis: 1, takesLast: false, label: "")
    },
    Case("argument over a batch", false, [[1, 3]]) {
      $0.argExtremum(.maximum, $1[0], axis: 0, takesLast: false, label: "")
    },
  ]

  private static let rearrangingCases = [
    Case("transpose", true, [image]) { $0.transpose($1[0], permutation: [0, 2, 3, 1], label: "") },
    Case("transposed batch", false, [[4, 4]]) {
      $0.transpose($1[0], permutation: [1, 0], label: "")
    },
    Case("reshape", true, [image]) { $0.reshape($1[0], to: [4, 75], label: "") },
    Case("regrouped", false, [[4, 6]]) { $0.reshape($1[0], to: [3, 8], label: "") },
    Case("reshape of nothing", false, [[0, 6]]) { $0.reshape($1[0], to: [0, 5], label: "") },
    Case("slice", true, [[4, 6]]) {
      $0.slice($1[0], starts: [0, 5], extents: [4, 3], steps: [1, -2], label: "")
    },
    Case("some images", false, [[4, 6]]) {
      $0.slice($1[0], starts: [1, 0], extents: [3, 6], steps: [1, 1], label: "")
    },
    Case("reversed images", false, [[4, 6]]) {
      $0.slice($1[0], starts: [3, 0], extents: [4, 6], steps: [-1, 1], label: "")
    },
    Case("pad", true, [[4, 6]]) {
      $0.pad($1[0], before: [0, 1], after: [0, 2], .edge, label: "")
    },
    Case("padded batch", false, [[4, 6]]) {
      $0.pad($1[0], before: [0, 1], after: [1, 0], .edge, label: "")
    },
    Case("broadcast", true, [[4, 1]]) { $0.broadcast($1[0], to: [4, 3], label: "") },
    Case("broadcast batch", false, [[1, 3]]) { $0.broadcast($1[0], to: [4, 3], label: "") },
    Case("broadcast to more axes", false, [[4]]) { $0.broadcast($1[0], to: [4, 4], label: "") },
    Case("concatenation", true, [image, [4, 1, 5, 5]]) { $0.concatenation($1, label: "") },
    Case("concatenated batches", false, [[4, 1], [4, 1]]) {
      $0.concatenation($1, axis: 0, label: "")
    },
    Case("concatenated with constants", false, [[4, 1]]) {
      let constant = $0.parameter("constant", [4, 2])
      return $0.concatenation([$1[0], constant], label: "")
    },
    Case("concatenated with one constant", true, [[1, 1]]) {
      let constant = $0.parameter("constant", [1, 2])
      return $0.concatenation([$1[0], constant], label: "")
    },
    Case("gather", true, [[4, 6]]) {
      let indices = $0.parameter("indices", [2, 2])
      return $0.gather($1[0], indices: indices, axis: 1, label: "")
    },
    Case("gathered images", false, [[4, 6]]) {
      let indices = $0.parameter("indices", [4])
      return $0.gather($1[0], indices: indices, axis: 0, label: "")
    },
    Case("embedding", true, [[4, 6]]) {
      let table = $0.parameter("table", [10, 3])
      return $0.gather(table, indices: $1[0], axis: 0, label: "")
    },
    Case("gathered by a batch", false, [[4, 6], [4]]) {
      $0.gather($1[0], indices: $1[1], axis: 1, label: "")
    },
  ]

  private static let productCases = [
    Case("rows", true, [[4, 3]]) {
      let weight = $0.parameter("weight", [3, 2])
      return $0.matrixProduct($1[0], weight, label: "")
    },
    Case("many rows", true, [[4, 6, 3]]) {
      let weight = $0.parameter("weight", [3, 2])
      return $0.matrixProduct($1[0], weight, label: "")
    },
    Case("matrices", true, [[4, 2, 3], [4, 3, 2]]) { $0.matrixProduct($1[0], $1[1], label: "") },
    Case("a matrix from the left", true, [[4, 3, 2]]) {
      let weight = $0.parameter("weight", [5, 3])
      return $0.matrixProduct(weight, $1[0], label: "")
    },
    Case("a matrix for each image", false, [[4, 2, 3]]) {
      let weights = $0.parameter("weights", [4, 3, 2])
      return $0.matrixProduct($1[0], weights, label: "")
    },
    Case("one matrix as a batch", false, [[4, 4], [4, 4]]) {
      $0.matrixProduct($1[0], $1[1], label: "")
    },
    Case("a matrix that is a batch, of many", false, [[4, 4]]) {
      let weights = $0.parameter("weights", [4, 4, 2])
      return $0.matrixProduct($1[0], weights, label: "")
    },
    Case("inner batch", false, [[4, 4]]) {
      let weight = $0.parameter("weight", [4, 4])
      return $0.matrixProduct(weight, $1[0], label: "")
    },
  ]

  private static let graphCases = [
    Case("an input", true, [[4]]) { $1[0] },
    Case("scalar input", false, [[]]) { $1[0] },
    Case("batches that differ", false, [[4], [3]]) { $1[1] },
    Case("no input", false, []) { builder, _ in builder.constant(1, label: "") },
    Case("constant endpoint", false, [[4]]) { builder, _ in builder.constant(1, label: "") },
    Case("no image", true, [[0, 3]]) { $0.unary(.sign, $1[0], label: "") },
    Case("mixed and not asked for", false, [[4, 3]]) {
      _ = $0.reduction(.sum, $1[0], axes: [0], label: "")
      return $1[0]
    },
  ]
}
