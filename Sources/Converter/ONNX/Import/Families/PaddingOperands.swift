import GraphIR

// Operands that say how, not what.
extension ONNXImporter {
  /// The most numbers of such an operand; two for each axis of any tensor that is computed with.
  private static let mostNumbers = 64

  /// Whole numbers that must be known now.
  func knownIntegers(_ value: ImportedValue, operand index: Int) throws(ONNXProblem) -> [Int] {
    let tensor = try few(value, operand: index)
    guard tensor.dtype == .int64 || tensor.dtype == .int32 else {
      throw .operandType(index, found: tensor.dtype, needed: "whole numbers")
    }
    return tensor.withUnsafeBytes { bytes in
      let width = tensor.dtype.byteWidth
      return (0..<tensor.shape.elementCount).map {
        width == 8
          ? Int(bytes.loadUnaligned(fromByteOffset: $0 * width, as: Int64.self))
          : Int(bytes.loadUnaligned(fromByteOffset: $0 * width, as: Int32.self))
      }
    }
  }

  /// Real numbers that must be known now.
  func knownNumbers(_ value: ImportedValue, operand index: Int) throws(ONNXProblem) -> [Float] {
    let tensor = try few(value, operand: index)
    guard tensor.dtype.isFloatingPoint, let numbers = tensor.floats() else {
      throw .operandType(index, found: tensor.dtype, needed: "real numbers")
    }
    return numbers
  }

  private func few(_ value: ImportedValue, operand index: Int) throws(ONNXProblem) -> Tensor {
    guard value.rank <= 1, value.shape.elementCount <= Self.mostNumbers else {
      throw .operandShape(index, found: value.shape, needed: "a short list of numbers")
    }
    return try known(value, operand: index)
  }
}
