import Dispatch
import GraphIR
import WeightFiles

/// A file's tensors with the types that they are going to be stored in.
struct TensorsToStore {
  /// In the order given.
  let stored: [TensorToWrite]

  /// Settles the types.
  ///
  /// - Parameters:
  ///   - tensors: by the names that the new file will have.
  ///   - dtype: the type for real floating-point numbers; nil keeps theirs. Tensors with a number
  ///     that would become infinite keep theirs too.
  init(_ tensors: [(name: String, tensor: Tensor)], as dtype: DType?) {
    guard let dtype else {
      stored = tensors.map { TensorToWrite(name: $0.name, $0.tensor) }
      return
    }
    let overflows = [Bool](unsafeUninitializedCapacity: tensors.count) { overflows, count in
      // Each iteration writes one element of its own.
      nonisolated(unsafe) let overflows = overflows
      DispatchQueue.concurrentPerform(iterations: tensors.count) { index in
        overflows.initializeElement(
          at: index, to: tensors[index].tensor.overflowsInBlocks(dtype))
      }
      count = tensors.count
    }
    stored = zip(tensors, overflows).map { item, overflows in
      let isKept = overflows || !item.tensor.dtype.canRound(to: dtype)
      return TensorToWrite(name: item.name, item.tensor, as: isKept ? nil : dtype)
    }
  }

  /// What became of each tensor.
  func report(_ written: SafetensorsFile.Written) -> [Conversion.ConvertedTensor] {
    stored.map { item in
      Conversion.ConvertedTensor(
        name: item.name, shape: item.tensor.shape, source: item.tensor.dtype, dtype: item.dtype,
        rounding: written.roundings[item.name])
    }
  }
}

extension Tensor {
  /// Numbers that are looked at before their memory is given back.
  private static let blockCount = 1 << 18

  /// `overflows`, with hardly any of a mapped file in memory at a time.
  fileprivate func overflowsInBlocks(_ dtype: DType) -> Bool {
    guard self.dtype.canRound(to: dtype), self.dtype != dtype else { return false }
    let count = shape.elementCount
    defer { discardPages() }
    return stride(from: 0, to: count, by: Self.blockCount).contains { start in
      let block = elements(start..<min(start + Self.blockCount, count))
      defer { block.discardPages() }
      return block.overflows(dtype)
    }
  }
}
