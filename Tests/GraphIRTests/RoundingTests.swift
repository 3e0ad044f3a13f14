import Foundation
import GraphIR
import TestSupport
import Testing

/// Rounding against PyTorch: Fixtures/dtypes.json, made by tools/fixtures/dtypes.py.
struct RoundingTests {
  private let fixture: DTypeFixture

  init() throws { fixture = try TensorValueTests.fixture.get() }

  @Test(arguments: [DType.float16, .bfloat16])
  func roundsAsPyTorch(_ dtype: DType) throws {
    let expected = try #require(fixture.rounding[dtype.rawValue])
    let tricky = Tensor(stored: fixture.tricky, as: .float32)
    let rounded = try #require(tricky.rounded(to: dtype)).tensor
    #expect(rounded.dtype == dtype)
    #expect(canonical(rounded) == canonical(Tensor(stored: expected.tricky, as: dtype)))

    let (high, low) = (counter("bits/high", 20000), counter("bits/low", 20000))
    let random = zip(high, low).map { Float(bitPattern: UInt32($0) << 16 | UInt32($1)) }
    let result = try #require(Tensor(shape: [20000], random).rounded(to: dtype)).tensor
    #expect(checksum(canonical(result).map { UInt16($0) }) == expected.random)
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32])
  func roundsDoublesAsPyTorch(_ dtype: DType) throws {
    let doubles = Tensor(
      stored: try #require(fixture.doubles["F64"]).stored, as: .float64)
    let expected = try #require(fixture.doubles[dtype.rawValue])
    let rounded = try #require(doubles.rounded(to: dtype)).tensor
    let stored = Tensor(stored: expected.stored, as: dtype)
    #expect(canonical(rounded) == canonical(stored))

    let small = doubles.doubles.filter { abs($0) < 60000 }
    let loss = try #require(Tensor(small).rounded(to: dtype)).loss
    #expect([loss.absolute, loss.relative] == expected.loss)
    // One number at a time: which of them become infinite is PyTorch's decision.
    for (value, result) in zip(doubles.doubles, stored.floats() ?? []) where value.isFinite {
      #expect(Tensor([value]).overflows(dtype) == result.isInfinite, "\(value)")
    }
  }

  @Test(arguments: [DType.float16, .bfloat16])
  func reportsTheLossOfPyTorch(_ dtype: DType) throws {
    let values = CounterFill.uniform("loss", count: 20000).map { $0 * 4 - 2 }
    let loss = try #require(Tensor(shape: [20000], values).rounded(to: dtype)).loss
    #expect([loss.absolute, loss.relative] == fixture.loss[dtype.rawValue])
    // The largest is found wherever it stands, beside zeros, infinities and NaN.
    for place in 0..<21 {
      var values = [Float](repeating: 1, count: 21)
      (values[(place + 1) % 21], values[(place + 2) % 21]) = (.infinity, .nan)
      (values[(place + 3) % 21], values[place]) = (0, 1 + 0x1p-12)
      let loss = try #require(Tensor(shape: [21], values).rounded(to: dtype)).loss
      #expect(loss.absolute == 0x1p-12)
      #expect(loss.relative == Double(0x1p-12 / (1 + 0x1p-12) as Float))
    }
  }

  /// Which float32 numbers become infinite is PyTorch's decision.
  @Test(arguments: [DType.float16, .bfloat16])
  func tellsWhatDoesNotFit(_ dtype: DType) throws {
    let expected = try #require(fixture.rounding[dtype.rawValue])
    let tricky = try #require(Tensor(stored: fixture.tricky, as: .float32).floats())
    let results = try #require(Tensor(stored: expected.tricky, as: dtype).floats())
    for (value, result) in zip(tricky, results) where value.isFinite {
      #expect(
        Tensor(shape: [3], [1, value, 1]).overflows(dtype) == result.isInfinite, "\(value)")
    }
    // Infinities and NaN of the file itself survive in any type.
    #expect(!Tensor(shape: [3], [.infinity, .nan, -.infinity]).overflows(dtype))
    #expect(!Tensor([.infinity, .nan]).overflows(dtype))
    let large = try #require(Tensor(shape: [2], [3.4e38, 1]).rounded(to: dtype)).loss
    #expect(large == Rounding(absolute: .infinity, relative: .infinity))
  }

  @Test func sixteenBitsToTheOtherSixteen() throws {
    // 65536 is a bfloat16 and no half; 1 + 2^-10 is a half and no bfloat16.
    let large = Tensor(shape: [2], .bfloat16, [0x4780, 0x3f80])
    #expect(large.overflows(.float16) && !large.overflows(.bfloat16))
    let fine = Tensor(shape: [1], .float16, [0x3c01])
    #expect(!fine.overflows(.bfloat16))
    let rounded = try #require(fine.rounded(to: .bfloat16))
    #expect(rounded.tensor.floats() == [1] && rounded.loss.absolute == 0x1p-10)
    let widened = try #require(fine.rounded(to: .float32))
    #expect(widened.tensor.floats() == [1 + 0x1p-10] && widened.loss == Rounding())
  }

  @Test func onlyRealFloatsAreRounded() {
    for dtype in DType.allCases where !dtype.isFloatingPoint {
      #expect(Tensor(stored: Data(count: 16), as: dtype).rounded(to: .float16) == nil)
      #expect(!dtype.canRound(to: .float16))
    }
    #expect(Tensor(shape: [1], [1]).rounded(to: .int8) == nil)
    #expect(Tensor(shape: [1], [1]).rounded(to: .float64) == nil)
    #expect(Tensor(shape: [0], []).rounded(to: .float16)?.tensor.shape == [0])
  }

  /// The bits, with one pattern for every NaN.
  private func canonical(_ tensor: Tensor) -> [UInt32] {
    (0..<tensor.shape.elementCount).map { index in
      let value = tensor.elements(index..<index + 1)
      if value.floats()?.first?.isNaN == true { return 0x7fc0 }
      return value.withUnsafeBytes { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
    }
  }

  private func counter(_ stream: String, _ count: Int) -> [UInt16] {
    CounterFill.uniform(stream, count: count).map { UInt16($0 * 65536) }
  }
}

extension Tensor {
  fileprivate init(_ doubles: [Double]) {
    self.init(stored: doubles.withUnsafeBytes { Data($0) }, as: .float64)
  }

  fileprivate var doubles: [Double] {
    withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
    }
  }
}
