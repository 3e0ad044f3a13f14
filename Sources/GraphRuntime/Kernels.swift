import CKernels
import GraphIR

/// The one seam between compiled graphs and the code that computes: a table of C kernels for the
/// machine's instruction set.
public struct Kernels: Sendable {
  // The table is static and constant.
  package nonisolated(unsafe) let table: UnsafePointer<zoo_kernel_table>

  /// The name of the instruction set: `scalar`, `portable`, `avx2`, `avx512` or
  /// `avx512bf16`.
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

  init(table: UnsafePointer<zoo_kernel_table>) { self.table = table }

  /// Whether this is more than the plain loops of the oracle.
  var isVectorised: Bool { table.pointee.isa != zoo_isa_scalar }

  /// Whether products of bfloat16 pairs cost as much as single products of floats.
  var multipliesPairs: Bool { table.pointee.isa == zoo_isa_avx512bf16 }
}
