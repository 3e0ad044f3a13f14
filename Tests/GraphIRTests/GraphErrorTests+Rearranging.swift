import GraphIR
import TestSupport

extension GraphErrorTests {
  /// Infers shapes of a graph with inputs of exactly these.
  private static func inferExactly(
    _ shapes: [Shape], _ build: (inout GraphBuilder, [Graph.Value]) -> Graph.Value
  ) throws {
    var builder = GraphBuilder()
    let values = shapes.enumerated().map { builder.input("\($0)", shape: $1) }
    builder.endpoint("result", build(&builder, values))
    let named = shapes.enumerated().map { ("\($0)", $1) }
    _ = try builder.build().shapes(inputs: Dictionary(uniqueKeysWithValues: named))
  }

  private static func slice(
    _ starts: [Int], _ extents: [Int], _ steps: [Int], of shape: Shape = [2, 5]
  ) throws {
    try inferExactly([shape]) {
      $0.slice($1[0], starts: starts, extents: extents, steps: steps, label: "layer")
    }
  }

  private static func pad(
    _ before: [Int], _ after: [Int], _ mode: Pad.Mode = .edge, of shape: Shape = [2, 5]
  ) throws {
    try inferExactly([shape]) {
      $0.pad($1[0], before: before, after: after, mode, label: "layer")
    }
  }

  private static func multiply(_ a: Shape, _ b: Shape) throws {
    try inferExactly([a, b]) { $0.matrixProduct($1[0], $1[1], label: "layer") }
  }

  static let rearrangingCases =
    sliceCases + padCases + [
      SentenceCase(
        "permutation", "layer (transpose): [0, 2] is no permutation of the 2 axes of 2×5"
      ) {
        try inferExactly([[2, 5]]) { $0.transpose($1[0], permutation: [0, 2], label: "layer") }
      },
      SentenceCase(
        "axis twice", "layer (transpose): [0, 0] is no permutation of the 2 axes of 2×5"
      ) {
        try inferExactly([[2, 5]]) { $0.transpose($1[0], permutation: [0, 0], label: "layer") }
      },
      SentenceCase("broadcast to less", "layer (broadcast): 2×5 does not broadcast to 5") {
        try inferExactly([[2, 5]]) { $0.broadcast($1[0], to: [5], label: "layer") }
      },
      SentenceCase("broadcast to one", "layer (broadcast): 2×5 does not broadcast to 2×1") {
        try inferExactly([[2, 5]]) { $0.broadcast($1[0], to: [2, 1], label: "layer") }
      },
      SentenceCase("inner", "layer (matrixProduct): 2×5 and 4×5 cannot be multiplied as matrices") {
        try multiply([2, 5], [4, 5])
      },
      SentenceCase("vector", "layer (matrixProduct): 2×5 and 5 cannot be multiplied as matrices") {
        try multiply([2, 5], [5])
      },
      SentenceCase(
        "matrices", "layer (matrixProduct): 2×2×5 and 3×5×2 cannot be multiplied as matrices"
      ) { try multiply([2, 2, 5], [3, 5, 2]) },
      SentenceCase("gathered axis", "layer (gather): there is no axis 2 in 2 dimensions") {
        try inferExactly([[2, 5], [3]]) {
          $0.gather($1[0], indices: $1[1], axis: 2, label: "layer")
        }
      },
      SentenceCase("gathered from nothing", "layer (gather): axis 0 of 0×5 is empty") {
        try inferExactly([[0, 5], [3]]) {
          $0.gather($1[0], indices: $1[1], axis: 0, label: "layer")
        }
      },
      SentenceCase("searched axis", "layer (argExtremum): there is no axis -1 in 2 dimensions") {
        try inferExactly([[2, 5]]) {
          $0.argExtremum(.maximum, $1[0], axis: -1, takesLast: false, label: "layer")
        }
      },
      SentenceCase("nothing to search", "layer (argExtremum): axis 1 of 2×0 is empty") {
        try inferExactly([[2, 0]]) {
          $0.argExtremum(.minimum, $1[0], axis: 1, takesLast: true, label: "layer")
        }
      },
      SentenceCase("selected values", "layer (select): 2 and 3 do not broadcast") {
        try inferExactly([[1], [2], [3]]) { $0.select($1[0], $1[1], $1[2], label: "layer") }
      },
      SentenceCase("condition", "layer (select): 4 and 2×3 do not broadcast") {
        try inferExactly([[4], [2, 1], [3]]) { $0.select($1[0], $1[1], $1[2], label: "layer") }
      },
      SentenceCase("exact input", "exact (input): the input is 3×2, must be 2×3") {
        var builder = GraphBuilder()
        builder.endpoint("result", builder.input("exact", shape: [2, 3]))
        _ = try builder.build().shapes(inputs: ["exact": [3, 2]])
      },
      SentenceCase(
        "nine axes", "layer (reshape): a 1×1×1×1×1×1×1×1×1 tensor has 9 dimensions; the most is 8"
      ) {
        try inferExactly([[1]]) {
          $0.reshape($1[0], to: Shape(Array(repeating: 1, count: 9)), label: "layer")
        }
      },
    ]

  private static let sliceCases = [
    SentenceCase(
      "starts", "layer (slice): the list of starts has 1 entries, a 2×5 tensor has 2 dimensions"
    ) { try slice([0], [1, 1], [1, 1]) },
    SentenceCase(
      "extents", "layer (slice): the list of extents has 3 entries, a 2×5 tensor has 2 dimensions"
    ) { try slice([0, 0], [1, 1, 1], [1, 1]) },
    SentenceCase(
      "steps", "layer (slice): the list of steps has 0 entries, a 2×5 tensor has 2 dimensions"
    ) { try slice([0, 0], [1, 1], []) },
    SentenceCase(
      "slice behind the end",
      "layer (slice): 3 elements from 1 on in steps of 2 do not lie on axis 1 of 2×5"
    ) { try slice([0, 1], [2, 3], [1, 2]) },
    SentenceCase(
      "slice before the beginning",
      "layer (slice): 3 elements from 1 on in steps of -1 do not lie on axis 1 of 2×5"
    ) { try slice([0, 1], [2, 3], [1, -1]) },
    SentenceCase(
      "slice from before the beginning",
      "layer (slice): 1 elements from -1 on in steps of 1 do not lie on axis 0 of 2×5"
    ) { try slice([-1, 0], [1, 5], [1, 1]) },
    SentenceCase(
      "standing still",
      "layer (slice): 2 elements from 0 on in steps of 0 do not lie on axis 0 of 2×5"
    ) { try slice([0, 0], [2, 5], [0, 1]) },
    SentenceCase(
      "negative extent",
      "layer (slice): -1 elements from 0 on in steps of 1 do not lie on axis 0 of 2×5"
    ) { try slice([0, 0], [-1, 5], [1, 1]) },
    SentenceCase(
      "slice beyond counting",
      "layer (slice): \(Int.max) elements from 0 on in steps of \(Int.min) do not lie on axis 0 "
        + "of 2×5"
    ) { try slice([0, 0], [.max, 5], [.min, 1]) },
    SentenceCase(
      "slice to beyond counting",
      "layer (slice): 2 elements from \(Int.max) on in steps of 1 do not lie on axis 0 of 2×5"
    ) { try slice([.max, 0], [2, 5], [1, 1]) },
  ]

  private static let padCases = [
    SentenceCase(
      "padding's axes", "layer (pad): the padding has 1 entries, a 2×5 tensor has 2 dimensions"
    ) { try pad([0, 0], [1]) },
    SentenceCase("negative padding", "layer (pad): the padding is -1, must not be negative") {
      try pad([0, -1], [0, 0])
    },
    SentenceCase(
      "padding beyond counting",
      "layer (pad): the padding of \(Int.max) is too large; the most is 2147483647"
    ) { try pad([0, 0], [.max, 0]) },
    SentenceCase("nothing to repeat", "layer (pad): axis 1 of 2×0 is empty") {
      try pad([0, 1], [0, 0], .reflect, of: [2, 0])
    },
    SentenceCase(
      "padded beyond counting",
      "layer (pad): a 2147483649×5 tensor is too large; the most is 2147483647 numbers"
    ) { try pad([0, 0], [2_147_483_647, 0]) },
  ]
}
