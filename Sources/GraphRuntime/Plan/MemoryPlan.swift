/// Where buffers with known lifetimes lie in one shared block of memory.
///
/// A pure function of sizes and lifetimes: larger buffers choose first, each the lowest place that
/// is free for as long as it lives.
package struct MemoryPlan: Equatable {
  /// A buffer in need of a place.
  package struct Request: Equatable {
    /// Bytes.
    package let size: Int
    /// The steps during which the buffer holds something, first write to last read.
    package let lifetime: ClosedRange<Int>

    package init(size: Int, lifetime: ClosedRange<Int>) {
      self.size = size
      self.lifetime = lifetime
    }
  }

  /// Each buffer's first byte, in the order of the requests.
  package let offsets: [Int]
  /// Bytes in the whole block.
  package let size: Int

  /// Buffers start at multiples of this many bytes: one cache line, one vector.
  package static let alignment = 64

  /// Finds a place for every request.
  package init(_ requests: [Request]) {
    var offsets = [Int](repeating: 0, count: requests.count)
    var placed: [(range: Range<Int>, lifetime: ClosedRange<Int>)] = []
    var size = 0
    let order = requests.indices.sorted {
      (requests[$1].size, $0) < (requests[$0].size, $1)
    }
    for index in order {
      let request = requests[index]
      let extent = (request.size + Self.alignment - 1) / Self.alignment * Self.alignment
      var offset = 0
      for other in placed where other.lifetime.overlaps(request.lifetime) {
        // `placed` is sorted by start, so the first gap that fits is the lowest.
        if other.range.lowerBound >= offset + extent { break }
        offset = max(offset, other.range.upperBound)
      }
      let range = offset..<offset + extent
      let position = placed.firstIndex { $0.range.lowerBound > offset } ?? placed.count
      placed.insert((range, request.lifetime), at: position)
      offsets[index] = offset
      size = max(size, range.upperBound)
    }
    self.offsets = offsets
    self.size = size
  }
}
