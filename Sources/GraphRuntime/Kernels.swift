import CKernels
import COpenBLAS
import GraphIR

/// The one seam between compiled graphs and the code that computes: a table of C kernels for the
/// machine's instruction set, and the matrix product.
///
/// OpenBLAS multiplies matrices, always on one thread a call: the runtime cuts the work itself, by
/// the layer's shape alone, so that results do not depend on the number of threads. With
/// `ZOO_ISA=scalar` everything runs on plain loops, the matrix product included.
public struct Kernels: Sendable {
  // The table is static and constant.
  package nonisolated(unsafe) let table: UnsafePointer<zoo_kernel_table>
  private let usesOpenBLAS: Bool

  /// The name of the instruction set: `scalar`, `portable`, `avx2` or `avx512`.
  public var name: String { String(cString: table.pointee.name) }

  /// The kernels for this machine, or those that the environment variable `ZOO_ISA` names.
  ///
  /// - Throws: `RuntimeError` where this machine lacks the instruction set that was asked for.
  public static func forThisMachine(
    named name: String? = environmentValue("ZOO_ISA")
  ) throws(RuntimeError) -> Kernels {
    guard let name else { return Kernels(table: zoo_kernels_best()) }
    guard let table = zoo_kernels_named(name) else {
      throw .unknownInstructionSet(name, available: available.map(\.name))
    }
    return Kernels(table: table)
  }

  /// Every variant that this machine runs, weakest first.
  public static var available: [Kernels] {
    (0..<zoo_isa_count.rawValue).compactMap { zoo_kernels_for(zoo_isa($0)) }.map(Kernels.init)
  }

  init(table: UnsafePointer<zoo_kernel_table>) {
    self.table = table
    usesOpenBLAS = table.pointee.isa != zoo_isa_scalar
    if usesOpenBLAS { _ = Self.openBLASOnOneThread }
  }

  private static let openBLASOnOneThread: Void = openblas_set_num_threads(1)

  /// `c = a · b` for row-major matrices `[rows][inner]` and `[inner][columns]` whose rows are
  /// `aStride`, `bStride` and `cStride` numbers apart.
  func multiply(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, aStride: Int, _ b: UnsafePointer<Float>, bStride: Int,
    into c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    if usesOpenBLAS {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1,
        a, Int32(aStride), b, Int32(bStride), 0, c, Int32(cStride))
    } else {
      table.pointee.gemm(c, cStride, a, aStride, b, bStride, rows, columns, inner)
    }
  }
}
