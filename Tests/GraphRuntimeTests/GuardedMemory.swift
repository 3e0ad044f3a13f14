import Foundation

/// Bytes flush against a page that nobody may touch, so that the first access past their end, or
/// before their start, ends the test run where it happens.
final class GuardedMemory {
  enum Edge: CaseIterable, Sendable { case start, end }

  let bytes: UnsafeMutableRawPointer
  private let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedCount: Int
  private let page: Int

  private static let canary: UInt8 = 0xa5

  /// Bytes that all hold `fill`; what is left of their pages holds a canary.
  init(count: Int, against edge: Edge, fill: UInt8 = 0) {
    page = Int(getpagesize())
    let body = max(1, (count + page - 1) / page) * page
    mappedCount = body + 2 * page
    self.count = count
    let memory = mmap(
      nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let memory, memory != UnsafeMutableRawPointer(bitPattern: -1) else {
      fatalError("there is no memory for the operands of a test")
    }
    mapping = memory
    bytes = memory + page + (edge == .start ? 0 : body - count)
    memset(memory + page, Int32(Self.canary), body)
    memset(bytes, Int32(fill), count)
    precondition(mprotect(memory, page, PROT_NONE) == 0)
    precondition(mprotect(memory + page + body, page, PROT_NONE) == 0)
  }

  deinit { munmap(mapping, mappedCount) }

  /// Whether nothing wrote beside the bytes on the pages that they share.
  var isIntactAround: Bool {
    let body = UnsafeRawBufferPointer(start: mapping + page, count: mappedCount - 2 * page)
    let lead = bytes - (mapping + page)
    return body[..<lead].allSatisfy { $0 == Self.canary }
      && body[(lead + count)...].allSatisfy { $0 == Self.canary }
  }
}
