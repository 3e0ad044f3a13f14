import CKernels

/// A function of one number, and how far a result may be from libm's, computed in double and
/// rounded once: so many units in the last place, 0 where every bit must agree.
struct UnaryFunction: Sendable {
  let name: String
  let function: zoo_unary
  let units: Float
  /// Whether a denormal factor is multiplied with the number itself.
  let multiplies: Bool

  private init(_ name: String, _ function: zoo_unary_function, _ units: Float, _ multiplies: Bool) {
    self.name = name
    self.function = zoo_unary(function: function, parameter: 0.3)
    self.units = units
    self.multiplies = multiplies
  }

  static let all = [
    UnaryFunction("relu", zoo_relu, 0, false),
    UnaryFunction("leakyRelu", zoo_leaky_relu, 0, false),
    UnaryFunction("sigmoid", zoo_sigmoid, 2, false),
    UnaryFunction("silu", zoo_silu, 3, true),
    UnaryFunction("gelu", zoo_gelu, 8, true),
    UnaryFunction("tanh", zoo_tanh, 2, false),
    UnaryFunction("exp", zoo_exp, 1, false),
    UnaryFunction("log", zoo_log, 1, false),
    UnaryFunction("absolute", zoo_absolute, 0, false),
    UnaryFunction("negate", zoo_negate, 0, false),
    UnaryFunction("squareRoot", zoo_square_root, 0, false),
    UnaryFunction("reciprocalSquareRoot", zoo_reciprocal_square_root, 0, false),
    UnaryFunction("erf", zoo_erf, 3, false),
    UnaryFunction("floor", zoo_floor, 0, false),
    UnaryFunction("ceiling", zoo_ceiling, 0, false),
    UnaryFunction("round", zoo_round, 0, false),
    UnaryFunction("truncate", zoo_truncate, 0, false),
    UnaryFunction("sign", zoo_sign, 0, false),
    UnaryFunction("sine", zoo_sine, 0, false),
    UnaryFunction("cosine", zoo_cosine, 0, false),
    UnaryFunction("elu", zoo_elu, 3, false),
    UnaryFunction("softplus", zoo_softplus, 3, false),
  ]

  /// What the plain loops make of numbers.
  func oracle(_ values: [Float]) -> [Float] {
    guard let scalar = zoo_kernels_for(zoo_isa_scalar) else { return [] }
    var (results, function) = (values, function)
    scalar.pointee.unary(&results, values, values.count, &function, false)
    return results
  }

  /// How far the results may be from the oracle's.
  func allowed(_ values: [Float]) -> [Float] {
    zip(values, oracle(values)).map { value, result in
      // Signs of zeros come out exactly.
      guard units > 0, result.isFinite, value != 0 else { return 0 }
      let ulp = max(result.ulp, .leastNonzeroMagnitude)
      return multiplies ? max(units * ulp, abs(value) * .leastNonzeroMagnitude) : units * ulp
    }
  }
}

/// Numbers of every size and sign, where functions change their formula or leave the range of
/// floats, and around each: 32 neighbours on either side.
private let critical: [Float] = {
  let places: [Float] = [
    0, .leastNormalMagnitude, 0x1p-126 * 1.5, 0.5, 0.625, 0.70710678, 1, 1.41421356, 2, 3.5, 8,
    9.01,
    14.5, 16, 17.3, 44.4, 87.33, 88.02969, 88.3762626, 88.72284, 89, 103.27893, 103.97208, 104, 128,
    0x1p23, .greatestFiniteMagnitude, .infinity,
  ]
  return places.flatMap { place in
    (-32...32).flatMap { offset -> [Float] in
      let bits = Int(place.bitPattern) + offset
      return bits < 0 ? [] : [1, -1].map { $0 * Float(bitPattern: UInt32(bits)) }
    }
  }
}()

/// Every 65,521st float there is, NaN and infinities among them.
private let spread = stride(from: UInt64(0), to: 1 << 32, by: 65_521).map {
  Float(bitPattern: UInt32($0))
}

let unaryCases = UnaryFunction.all.flatMap { function in
  let plain =
    [("critical", critical), ("spread", spread)]
    + [1, 10, 110].map { bound in
      let values = Operand.plain("unary/\(function.name)/\(bound)", 20_000)
      return ("up to \(bound)", values.map { $0 * Float(bound) })
    }
    + lengths.map { ("\($0)", Operand.wild("unary/\(function.name)/\($0)", $0)) }
  return plain.flatMap { name, values in
    let allowed = function.allowed(values)
    return [false, true].map { inPlace in
      KernelCase(
        "unary", "\(function.name) \(name) in place \(inPlace)", output: values.count,
        before: inPlace ? values : [], allowed: allowed
      ) { table, out in
        var unary = function.function
        if inPlace {
          table.unary(out, out, values.count, &unary, false)
        } else {
          table.unary(out, values, values.count, &unary, false)
        }
      }
    }
  }
}
