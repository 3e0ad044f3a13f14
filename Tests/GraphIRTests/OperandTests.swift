import GraphIR
import Testing

/// The names that ops give their operands.
struct OperandTests {
  @Test func convolutionOperandsByName() {
    let full = Convolution(prologue: .relu, addsResidual: true)
    let all = full.operands(["image", "weight", "bias", "scale", "shift", "residual"])
    #expect(all.image == "image" && all.weight == "weight" && all.bias == "bias")
    #expect(all.prologue?.scale == "scale" && all.prologue?.shift == "shift")
    #expect(all.residual == "residual")
    #expect(all.inputs == ["image", "weight", "bias", "scale", "shift", "residual"])
    #expect(full.operandCounts == 5...6)

    let withoutBias = full.operands([0, 1, 2, 3, 4])
    #expect(withoutBias.bias == nil && withoutBias.prologue?.scale == 2)
    #expect(withoutBias.prologue?.shift == 3 && withoutBias.residual == 4)
    #expect(withoutBias.inputs == [0, 1, 2, 3, 4])

    let residual = Convolution(addsResidual: true)
    #expect(residual.operands([0, 1, 2]).residual == 2)
    #expect(residual.operands([0, 1, 2]).bias == nil)
    #expect(residual.operands([0, 1, 2, 3]).bias == 2)
    #expect(residual.operands([0, 1, 2, 3]).residual == 3)
    #expect(residual.operandCounts == 3...4)

    #expect(Convolution(prologue: .identity).operands([0, 1, 2, 3]).prologue?.shift == 3)
    #expect(Convolution().operands([0, 1, 2]).bias == 2)
    #expect(Convolution().operands([0, 1]).inputs == [0, 1])
    #expect(Convolution().operandCounts == 2...3)
  }

  @Test func imageOperandsByName() {
    let pooling = Pooling(kind: .maximum, window: 2, geometry: WindowGeometry(), prologue: .relu)
    #expect(pooling.operands([0, 1, 2]).prologue?.shift == 2)
    #expect(pooling.operandCounts == 3...3)
    #expect(SpatialMean(prologue: .identity).operands([0, 1, 2]).prologue?.scale == 1)
    #expect(SpatialMean().operands([7]).image == 7)
    #expect(SpatialMean().operands([7]).prologue == nil)
  }
}
