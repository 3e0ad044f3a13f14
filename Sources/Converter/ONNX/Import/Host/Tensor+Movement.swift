import GraphIR

// Tensors of any element type with their elements elsewhere, for what is known while a model is
// imported.
extension Tensor {
  /// The elements of another shape, each found in this tensor; the walk stays within it.
  func rearranged(to result: Shape, _ elements: StridedWalk.Operand) -> Tensor {
    let places = StridedWalk(result: result, operands: [elements]).places
    return taking(places, shape: result)
  }

  /// The elements at row-major places, all within the tensor, under a shape with as many.
  func taking(_ places: [Int], shape result: Shape) -> Tensor {
    let width = dtype.byteWidth
    let storage = ByteStorage(count: places.count * width) { memory in
      withUnsafeBytes { bytes in
        for (index, place) in places.enumerated() {
          for byte in 0..<width { memory[index * width + byte] = bytes[place * width + byte] }
        }
      }
    }
    return Tensor(dtype: dtype, shape: result, storage: storage)
  }

  /// Tensors of one element type joined along an axis into a shape that fits them.
  static func joined(_ tensors: [Tensor], axis: Int, shape: Shape) -> Tensor {
    let width = tensors[0].dtype.byteWidth
    let outer = shape[..<axis].reduce(1, *)
    let storage = ByteStorage(count: shape.elementCount * width) { memory in
      guard !memory.isEmpty else { return }
      let row = memory.count / outer
      var offset = 0
      for tensor in tensors {
        let run = tensor.byteCount / outer
        tensor.withUnsafeBytes { bytes in
          for index in 0..<outer {
            for byte in 0..<run { memory[index * row + offset + byte] = bytes[index * run + byte] }
          }
        }
        offset += run
      }
    }
    return Tensor(dtype: tensors[0].dtype, shape: shape, storage: storage)
  }
}
