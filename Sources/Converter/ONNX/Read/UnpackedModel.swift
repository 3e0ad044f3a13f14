import CONNX
import GraphIR

/// The structures that protobuf-c makes of a model's bytes, freed with this object.
///
/// Nothing in them changes after `init`, so reading from any thread is safe.
final class UnpackedModel: @unchecked Sendable {
  let message: UnsafeMutablePointer<Onnx__ModelProto>
  private let budget: UnsafeMutablePointer<Budget>

  /// What unpacking may still reserve.
  private struct Budget {
    var left: Int
  }

  /// Memory for unpacked structures, as a multiple of the lean model's size or the file's, whichever
  /// is smaller: names and numbers take a few times their bytes.
  private static let memoryPerByte = 3
  /// Small files may take this much, which is more than any of them needs.
  private static let leastMemory = 16 << 20

  /// Unpacks a model, which has been walked through.
  init(_ lean: LeanModel) throws(ONNXProblem) {
    let bytes = lean.bytes
    let size = min(bytes.count, lean.fileSize)
    let (proportional, overflow) = size.multipliedReportingOverflow(by: Self.memoryPerByte)
    let most = overflow ? Int.max : max(proportional, Self.leastMemory)
    budget = .allocate(capacity: 1)
    budget.initialize(to: Budget(left: most))
    var allocator = Self.allocator(budget)
    guard let message = onnx__model_proto__unpack(&allocator, bytes.count, bytes) else {
      let isExhausted = budget.pointee.left < 0
      budget.deallocate()
      throw isExhausted
        ? .tooMuchMemory(maximum: most) : .malformed(offset: 0, .contents)
    }
    self.message = message
  }

  deinit {
    var allocator = Self.allocator(budget)
    onnx__model_proto__free_unpacked(message, &allocator)
    budget.deallocate()
  }

  /// Reserves memory as long as the budget lasts; once it is exceeded, nothing more.
  private static func allocator(_ budget: UnsafeMutablePointer<Budget>) -> ProtobufCAllocator {
    ProtobufCAllocator(
      alloc: { budget, size in
        guard let budget = budget?.assumingMemoryBound(to: Budget.self) else { return nil }
        guard size <= budget.pointee.left else {
          budget.pointee.left = -1
          return nil
        }
        budget.pointee.left -= size
        return UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 16)
      },
      free: { _, memory in memory?.deallocate() },
      allocator_data: budget)
  }
}
