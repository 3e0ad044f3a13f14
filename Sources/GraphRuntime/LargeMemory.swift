import Foundation

/// Reserves uninitialised memory for weights and arenas.
///
/// From two megabytes on it asks for huge pages: a convolution walks through dozens of planes at
/// once, each on pages of its own, more than the processor remembers the addresses of.
///
/// - Returns: memory to be released with `free`, or nil where there is none.
func largeMemory(byteCount: Int) -> UnsafeMutableRawPointer? {
  let isLarge = byteCount >= hugePage
  var address: UnsafeMutableRawPointer?
  guard posix_memalign(&address, isLarge ? hugePage : 64, max(64, byteCount)) == 0 else {
    return nil
  }
  #if os(Linux)
    // Advice: where it is not taken, nothing but time is lost.
    if isLarge, let address { madvise(address, byteCount, MADV_HUGEPAGE) }
  #endif
  return address
}

private let hugePage = 2 << 20
