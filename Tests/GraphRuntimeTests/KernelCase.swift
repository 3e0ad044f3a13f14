import CKernels
import GraphRuntime
import TestSupport

/// One call of a kernel, the same for every variant.
struct KernelCase: Sendable {
  let kernel: String
  let name: String
  /// Floats that the kernel may write.
  let outputCount: Int
  /// What stands there before the call.
  let before: [Float]
  /// How far each result may be from the oracle's; 0 where every bit must agree.
  let allowed: [Float]
  let call: @Sendable (zoo_kernel_table, UnsafeMutablePointer<Float>) -> Void

  // `before` is for kernels that work in place; without `allowed`, every bit must agree.
  init(
    _ kernel: String, _ name: String, output: Int, before: [Float] = [], allowed: [Float]? = nil,
    _ call: @escaping @Sendable (zoo_kernel_table, UnsafeMutablePointer<Float>) -> Void
  ) {
    self.kernel = kernel
    self.name = name
    outputCount = output
    self.before = before.isEmpty ? Array(repeating: 0.5, count: output) : before
    self.allowed = allowed ?? Array(repeating: 0, count: output)
    self.call = call
  }

  /// Floats on either side of the output that must survive: more than a vector.
  private static let guardCount = 32
  private static let canary = Float(bitPattern: 0x7fc5_a5a5)

  /// What a variant makes, and whether it kept to its output.
  ///
  /// The output starts `misalignment` floats behind a cache line.
  func run(_ kernels: Kernels, misalignment: Int) -> (values: [Float], isWithinBounds: Bool) {
    let lead = Self.guardCount + misalignment
    let count = lead + outputCount + Self.guardCount
    let memory = UnsafeMutablePointer<Float>.allocateAligned(count)
    defer { memory.deallocate() }
    memory.initialize(repeating: Self.canary, count: count)
    let output = memory + lead
    output.update(from: before, count: outputCount)
    call(kernels.table.pointee, output)
    let isIntact = { (range: Range<Int>) in
      range.allSatisfy { memory[$0].bitPattern == Self.canary.bitPattern }
    }
    return (
      Array(UnsafeBufferPointer(start: output, count: outputCount)),
      isIntact(0..<lead) && isIntact(lead + outputCount..<count)
    )
  }
}

extension UnsafeMutablePointer<Float> {
  fileprivate static func allocateAligned(_ count: Int) -> Self {
    UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
  }
}

/// Operands of the cases.
enum Operand {
  static let special: [Float] = [
    .nan, .infinity, -.infinity, -0.0, 0, 1.5, -2, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude,
  ]

  /// Numbers in [-1, 1).
  static func plain(_ stream: String, _ count: Int) -> [Float] {
    CounterFill.symmetric(stream, count: count, bound: 1)
  }

  /// Half of them NaN, infinite, zero of either sign, or at an end of the range.
  static func wild(_ stream: String, _ count: Int) -> [Float] {
    CounterFill.uniform(stream, count: count).map { number in
      number < 0.5 ? Self.special[Int(number * 2 * Float(Self.special.count))] : number * 4 - 3
    }
  }
}

/// One rounding error of a result of size 1.
let roundingUnit: Float = 0x1p-24
