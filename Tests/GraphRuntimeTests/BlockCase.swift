import CKernels
import GraphRuntime

/// What one number of a result must be.
enum Expected: Sendable, Equatable {
  /// What stood there before.
  case untouched
  /// This very number (or NaN), rounded to the result's type.
  case exactly(Float)
  /// Between these two, each rounded to the result's type.
  case within(Double, Double)
  /// Infinite or NaN.
  case notFinite
  case anything

  /// What the oracle made of the same numbers, give or take.
  static func near(_ oracle: [Float], before: Numbers, allowed: (Int) -> Double) -> [Expected] {
    oracle.indices.map { index in
      let value = oracle[index]
      if value.bitPattern == before.values[index].bitPattern { return .untouched }
      let allowed = allowed(index)
      guard value.isFinite, allowed > 0 else { return .exactly(value) }
      return .within(Double(value) - allowed, Double(value) + allowed)
    }
  }
}

/// One part of a result that every variant must make alike.
struct BlockCase: Sendable {
  let kernel: String
  let name: String
  let work: BlockWork
  let rectangle: Rectangle
  let expected: [Expected]
  /// How far flushing of denormals may move a result: the instructions for bfloat16 take denormal
  /// operands for zero and make zero of denormal results.
  var flushed: Double = 0x1p-126

  /// What is wrong with a variant's result, or nil.
  func fault(_ kernels: Kernels, against edge: GuardedMemory.Edge) -> String? {
    guard let found = work.run(kernels, [rectangle], against: edge) else {
      return "wrote where it must not"
    }
    let flushes = kernels.table.pointee.isa == zoo_isa_avx512bf16 && work.before.isBFloat16
    let index = found.indices.first {
      !holds(expected[$0], found[$0], before: work.before.values[$0], flushes ? flushed : 0)
    }
    return index.map { "[\($0)] is \(found[$0]), not \(expected[$0])" }
  }

  private func holds(
    _ expected: Expected, _ found: Float, before: Float, _ flushed: Double
  ) -> Bool {
    switch expected {
    case .untouched: return found.bitPattern == before.bitPattern
    case .exactly(let value):
      let value = rounded(value)
      return found.bitPattern == value.bitPattern || found.isNaN && value.isNaN
        || flushed > 0 && found == 0 && value.isSubnormal
    case .within(let low, let high):
      return rounded(Float(low - flushed)) <= found && found <= rounded(Float(high + flushed))
    case .notFinite: return !found.isFinite
    case .anything: return true
    }
  }

  private func rounded(_ value: Float) -> Float {
    work.before.isBFloat16 ? zoo_f32(zoo_bf16(value)) : value
  }
}

/// A case that is made when it is run: together they would fill the memory.
struct LazyBlockCase: Sendable {
  let kernel: String
  let make: @Sendable () -> BlockCase
}
