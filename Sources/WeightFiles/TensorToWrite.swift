import GraphIR

/// A tensor that is going to be written, and the type its values are stored in.
public struct TensorToWrite: Sendable {
  /// The name in the file.
  public let name: String
  /// The values; where they lie in a mapped file, their memory is given back once written.
  public let tensor: Tensor
  /// The element type in the file, to which the values are rounded.
  public let dtype: DType

  /// Announces a tensor.
  ///
  /// - Parameters:
  ///   - name: the name in the file.
  ///   - tensor: the values.
  ///   - dtype: the type to store them in, which must be one that they can be rounded to; nil
  ///     stores them as they are.
  public init(name: String, _ tensor: Tensor, as dtype: DType? = nil) {
    let dtype = dtype ?? tensor.dtype
    precondition(tensor.dtype == dtype || tensor.dtype.canRound(to: dtype))
    self.name = name
    self.tensor = tensor
    self.dtype = dtype
  }

  /// The size of the values in the file.
  var byteCount: Int { tensor.shape.elementCount * dtype.byteWidth }

  /// Values that are hashed, rounded and written at a time, in bytes: few enough to stay in a
  /// processor's cache in between, and many enough that the calls do not count.
  static let blockSize = 1 << 20

  /// Hands the stored values on, block by block.
  ///
  /// - Parameter sink: called with each block in the order of the values.
  /// - Returns: what rounding cost; nil where the type stays.
  /// - Throws: what `sink` throws.
  func forEachBlock(_ sink: (UnsafeRawBufferPointer) throws -> Void) rethrows -> Rounding? {
    let step = max(1, Self.blockSize / max(dtype.byteWidth, tensor.dtype.byteWidth))
    let isRounded = dtype != tensor.dtype
    let count = tensor.shape.elementCount
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: isRounded ? min(step, count) * dtype.byteWidth : 0, alignment: 64)
    defer { buffer.deallocate() }
    var loss = Rounding()
    for start in stride(from: 0, to: count, by: step) {
      let block = tensor.elements(start..<min(start + step, count))
      if isRounded {
        let memory = UnsafeMutableRawBufferPointer(
          rebasing: buffer[..<(block.shape.elementCount * dtype.byteWidth)])
        loss = .worse(loss, block.round(to: dtype, into: memory))
        try sink(UnsafeRawBufferPointer(memory))
      } else {
        try block.withUnsafeBytes(sink)
      }
      block.discardPages()
    }
    tensor.discardPages()
    return isRounded ? loss : nil
  }
}
