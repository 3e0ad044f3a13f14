import GraphIR
import TestSupport
import Testing

/// Residual additions, and how passes treat what others have joined.
extension FusionTests {
  @Test(arguments: [false, true])
  func additionJoinsAConvolution(convolutionFirst: Bool) throws {
    var draft = Draft()
    let convolved = draft.convolution(draft.affine(draft.image), window: 1, to: 3, bias: true)
    let sum =
      convolutionFirst
      ? draft.sum(convolved, draft.image) : draft.sum(draft.image, convolved)
    let graph = try draft.graph(sum)
    #expect(
      try rewrite(graph, by: FuseResidual()) == ["channelAffine relu", "convolution residual"])
    let prepared = try #require(try graph.swept(by: FuseInputNormalization()))
    #expect(try rewrite(prepared, by: FuseResidual()) == ["convolution prologue relu residual"])
  }

  @Test func additionJoinsTheLaterConvolution() throws {
    for swapped in [false, true] {
      var draft = Draft()
      let first = draft.convolution(draft.image, label: "first")
      let second = draft.convolution(draft.image, label: "second")
      let sum = swapped ? draft.sum(second, first) : draft.sum(first, second)
      let swept = try #require(
        try draft.graph(sum).swept(by: FuseResidual(), inputs: Self.inputs))
      let convolutions = swept.nodes.filter { $0.inputs.count > 1 }
      #expect(convolutions.map(\.label) == ["first", "second"])
      #expect(convolutions.map(\.op.attributes.detail) == ["", "residual"])
      #expect(try rewrite(draft.graph(sum), by: FuseResidual()) != nil)
    }
  }

  @Test func additionJoinsTheConvolutionThatNobodyElseUses() throws {
    var draft = Draft()
    let first = draft.convolution(draft.image, label: "first")
    let second = draft.convolution(draft.image, label: "second")
    let sum = draft.sum(first, second)
    #expect(
      try rewrite(draft.graph(sum, second), by: FuseResidual()) == [
        "convolution ", "convolution residual",
      ])
  }

  @Test func additionsInAChainJoinOneConvolutionEach() throws {
    var draft = Draft()
    let first = draft.sum(draft.convolution(draft.image, to: 3, label: "first"), draft.image)
    let second = draft.sum(draft.convolution(draft.image, to: 3, label: "second"), first)
    let pass = FuseResidual()
    let swept = try #require(try draft.graph(second).swept(by: pass, inputs: Self.inputs))
    #expect(
      swept.nodes.filter { $0.inputs.count > 1 }.map(\.op.attributes.detail) == [
        "residual", "residual",
      ])
    #expect(try rewrite(draft.graph(second), by: pass) != nil)
    #expect(try swept.swept(by: pass, inputs: Self.inputs) == nil)
  }

  @Test func additionStays() throws {
    let pass = FuseResidual()
    func stays(
      _ op: Convolution, to: Int = 3, more: Bool = false,
      other: (inout Draft) -> Graph.Value = { $0.image }
    ) throws -> Bool {
      var draft = Draft()
      let convolved = draft.convolution(
        draft.image, op, to: to, more: more ? [draft.image] : [])
      let sum = draft.sum(convolved, other(&draft))
      return try draft.graph(sum).swept(by: pass, inputs: Self.inputs) == nil
    }
    #expect(try !stays(Convolution()))
    #expect(try stays(Convolution(activation: .relu)))
    #expect(try stays(Convolution(addsResidual: true), more: true))
    // Constants of any shape, and what broadcasts, in either direction.
    #expect(try stays(Convolution()) { $0.constant("same", Self.shape) })
    #expect(try stays(Convolution()) { $0.constant("row", [1, 1, 1, 6]) })
    #expect(try stays(Convolution(), to: 1))
    #expect(
      try stays(Convolution()) { $0.pool($0.image, window: Size2D(height: 7, width: 6)) })

    var twice = Draft()
    let convolved = twice.convolution(twice.image)
    let doubled = twice.sum(convolved, convolved)
    #expect(try twice.graph(doubled).swept(by: pass, inputs: Self.inputs) == nil)

    var difference = Draft()
    let minuend = difference.convolution(difference.image, to: 3)
    let subtracted = difference.builder.binary(
      .subtract, minuend, difference.image, label: "difference")
    #expect(try difference.graph(subtracted).swept(by: pass, inputs: Self.inputs) == nil)
  }

  @Test func additionStaysWhereShapesAreUnknown() throws {
    var draft = Draft()
    let sum = draft.sum(draft.convolution(draft.image, to: 3), draft.image)
    #expect(try draft.graph(sum).swept(by: FuseResidual()) == nil)
  }

  // MARK: The older passes on ops with prologue and residual

  @Test func batchNormFoldsBehindAPrologueButNotBehindAResidual() throws {
    for addsResidual in [false, true] {
      var draft = Draft()
      let vectors = [draft.constant("scale", [3]), draft.constant("shift", [3])]
      let op = Convolution(prologue: .relu, addsResidual: addsResidual)
      let convolved = draft.convolution(
        draft.image, op, to: 3, bias: true, more: vectors + (addsResidual ? [draft.image] : []))
      let normalised = draft.norm(convolved, channels: 3)
      let graph = try draft.graph(normalised)
      let swept = try graph.swept(by: FoldBatchNormIntoConvolution())
      #expect((swept == nil) == addsResidual)
      guard let swept else { continue }
      let folded = try PassPipeline([FoldConstants()])(swept)
      #expect(try difference(graph, folded) < 1e-6)
    }
  }

  @Test func activationJoinsBehindAResidual() throws {
    var draft = Draft()
    let vectors = [draft.constant("scale", [3]), draft.constant("shift", [3])]
    let convolved = draft.convolution(
      draft.image, Convolution(groups: 3, prologue: .identity, addsResidual: true), to: 3,
      more: vectors + [draft.image])
    let relu = draft.builder.unary(.relu, convolved, label: "relu")
    #expect(
      try rewrite(draft.graph(relu), by: FuseActivation()) == [
        "convolution prologue groups 3 residual relu"
      ])
  }

  @Test(arguments: [false, true])
  func batchNormFoldsIntoATransposedConvolution(bias: Bool) throws {
    for groups in [1, 3] {
      var draft = Draft()
      let weight = draft.constant("weight", [3, 2, 3, 2])
      let operands = bias ? [draft.constant("bias", [2 * groups])] : []
      let op = TransposedConvolution(
        geometry: WindowGeometry(stride: 2, padding: 1), outputPadding: 1, groups: groups)
      let convolved = draft.builder.add(
        .transposedConvolution(op), [draft.image, weight] + operands, label: "conv")
      let normalised = draft.norm(convolved, channels: 2 * groups)
      let relu = draft.builder.unary(.relu, normalised, label: "relu")
      let graph = try draft.graph(relu)
      let folded = try PassPipeline([
        FoldBatchNormIntoConvolution(), FuseActivation(), FoldConstants(),
      ])(graph)
      let last = try #require(folded.nodes.last)
      if groups == 1 {
        #expect(folded.nodes.count { !$0.inputs.isEmpty } == 1)
        #expect(
          "\(folded)".contains("stride 2×2 padding 1×1 output padding 1×1 relu   conv"))
        #expect(last.inputs.count == 3)
        #expect(try difference(graph, folded) < 1e-6)
      } else {
        #expect(type(of: last.op.attributes).name == "unary")
      }
    }
  }
}
