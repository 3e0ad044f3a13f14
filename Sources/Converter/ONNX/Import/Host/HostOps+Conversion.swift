import GraphIR

// Element types.
extension HostOps {
  static let conversions: [String: Function] = [
    "Cast": { call throws(ONNXProblem) in try converted(call) },
    "CastLike": { call throws(ONNXProblem) in try converted(call) },
  ]

  private static func converted(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    let target = try call.castTarget()
    return try call.host(0).map { value throws(ONNXProblem) in [try value.converted(to: target)] }
  }
}

extension ONNXCall {
  /// The element type that Cast or CastLike asks for.
  func castTarget() throws(ONNXProblem) -> DType {
    if node.op == "CastLike" {
      let dtype = try operand(1).dtype
      guard dtype.isHostType else {
        throw .operandType(1, found: dtype, needed: "numbers of 16 bits or more, or truth values,")
      }
      return dtype
    }
    guard let number = try optionalInt("to") else { throw .missingAttribute("to") }
    return try elementType("to", number)
  }

  /// The element type of an attribute.
  func elementType(_ name: String, _ number: Int) throws(ONNXProblem) -> DType {
    guard let dtype = Int32(exactly: number).flatMap({ ONNXTensorReader.dtypes[$0] }),
      dtype.isHostType
    else { throw .attribute(name, found: "\(number)", needed: "a type of real or whole numbers") }
    return dtype
  }
}

extension DType {
  /// Whether values have two parts, which nothing here calculates with.
  var isComplex: Bool { self == .complex64 || self == .complex128 }

  /// Whether values of this type are calculated with at all.
  var isHostType: Bool {
    switch self {
    case .float8e4m3, .float8e5m2, .complex64, .complex128: false
    default: true
    }
  }
}
