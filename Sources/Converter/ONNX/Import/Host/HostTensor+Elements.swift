import GraphIR

// Functions applied element by element.
extension HostTensor {
  typealias WholeFunction = @Sendable (Int) throws(ONNXProblem) -> Int
  typealias WholeOperation = @Sendable (Int, Int) throws(ONNXProblem) -> Int

  /// A function of every number; nil where there is none for numbers of this kind.
  func mapped(
    whole: WholeFunction?, real: (Double) -> Double
  ) throws(ONNXProblem) -> HostTensor? {
    switch numbers {
    case .whole(let values):
      guard let whole else { return nil }
      var results = [Int]()
      results.reserveCapacity(values.count)
      for value in values { results.append(try whole(value)) }
      return HostTensor(dtype, shape, .whole(results))
    case .real(let values): return HostTensor(dtype, shape, .real(values.map(real)))
    }
  }

  /// A function of the numbers of two tensors of one shape.
  ///
  /// Where one holds real numbers it is a function of real ones. The result is of the first one's
  /// type; real results for whole numbers are cut off.
  func combined(
    _ other: HostTensor, whole: WholeOperation, real: (Double, Double) -> Double
  ) throws(ONNXProblem) -> HostTensor {
    if let a = wholes, let b = other.wholes {
      var results = [Int]()
      results.reserveCapacity(a.count)
      for index in a.indices { results.append(try whole(a[index], b[index])) }
      return HostTensor(dtype, shape, .whole(results))
    }
    let results = zip(reals, other.reals).map(real)
    guard wholes != nil else { return HostTensor(dtype, shape, .real(results)) }
    return HostTensor(dtype, shape, .whole(try results.truncated(for: dtype)))
  }

  /// A comparison of the numbers of two tensors of one shape.
  func compared(
    _ other: HostTensor, whole: (Int, Int) -> Bool, real: (Double, Double) -> Bool
  ) -> HostTensor {
    if let a = wholes, let b = other.wholes {
      return HostTensor(shape, truths: zip(a, b).map(whole))
    }
    return HostTensor(shape, truths: zip(reals, other.reals).map(real))
  }

  /// The numbers in another type: cut off toward zero, wrapped to fewer bits, or tested for zero.
  func converted(to target: DType) throws(ONNXProblem) -> HostTensor {
    switch numbers {
    case .whole(let values):
      if target.isFloatingPoint { return HostTensor(target, shape, .real(reals)) }
      var results = [Int]()
      results.reserveCapacity(values.count)
      for value in values { results.append(try value.wrapped(to: target)) }
      return HostTensor(target, shape, .whole(results))
    case .real(let values):
      if target.isFloatingPoint { return HostTensor(target, shape, .real(values)) }
      if target == .bool { return HostTensor(shape, truths: values.map { $0 != 0 }) }
      return HostTensor(target, shape, .whole(try values.truncated(for: target)))
    }
  }
}

extension [Double] {
  /// The numbers without their fractions.
  fileprivate func truncated(for dtype: DType) throws(ONNXProblem) -> [Int] {
    var results = [Int]()
    results.reserveCapacity(count)
    for value in self {
      guard let whole = Int(exactly: value.rounded(.towardZero)) else {
        throw .wholeNumberRange(dtype)
      }
      results.append(whole)
    }
    return results
  }
}

extension Int {
  /// The number that the lower bits stand for in another type.
  fileprivate func wrapped(to dtype: DType) throws(ONNXProblem) -> Int {
    switch dtype {
    case .bool: return self == 0 ? 0 : 1
    case .int8: return Int(Int8(truncatingIfNeeded: self))
    case .uint8: return Int(UInt8(truncatingIfNeeded: self))
    case .int16: return Int(Int16(truncatingIfNeeded: self))
    case .uint16: return Int(UInt16(truncatingIfNeeded: self))
    case .int32: return Int(Int32(truncatingIfNeeded: self))
    case .uint32: return Int(UInt32(truncatingIfNeeded: self))
    case .uint64 where self < 0: throw .wholeNumberRange(dtype)
    default: return self
    }
  }
}
