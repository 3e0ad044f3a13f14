import GraphIR

// Tensors that follow from shapes or from known numbers alone.
extension HostOps {
  static let generators: [String: Function] = [
    "Shape": shape,
    "Size": { call throws(ONNXProblem) in
      [HostTensor(.int64, [], .whole([try call.operand(0).shape.elementCount]))]
    },
    "Range": range,
    "NonZero": nonZero,
    "CumSum": cumulativeSum,
    "Trilu": triangle,
    "OneHot": oneHot,
    "EyeLike": identityMatrix,
  ]

  /// All extents, or since opset 15 those from `start` to `end`.
  @Sendable private static func shape(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    let extents = try call.operand(0).shape.dimensions
    func bound(_ name: String, default value: Int) throws(ONNXProblem) -> Int {
      let axis = try call.int(name, default: value)
      return min(max(axis < 0 ? axis + extents.count : axis, 0), extents.count)
    }
    guard call.opset >= 15 else { return [HostTensor(vector: extents)] }
    let (start, end) = (try bound("start", default: 0), try bound("end", default: extents.count))
    return [HostTensor(vector: start < end ? Array(extents[start..<end]) : [])]
  }

  @Sendable private static func range(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let operands = try call.hosts()?.prefix(3) else { return nil }
    for index in 0..<3 {
      let operand = try call.operand(index)
      guard operand.shape.elementCount == 1 else {
        throw .operandShape(index, found: operand.shape, needed: "one number")
      }
      guard operand.dtype == operands[0].dtype, operand.dtype != .bool else {
        throw .operandType(index, found: operand.dtype, needed: "numbers of one type")
      }
    }
    let dtype = operands[0].dtype
    if dtype.isFloatingPoint {
      let numbers = operands.map { $0.reals[0] }
      let count = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
      guard count <= Double(mostRealNumbers) else {
        throw .limit("numbers in a range", maximum: mostRealNumbers)
      }
      let values = (0..<(count > 0 ? Int(count) : 0)).map { numbers[0] + Double($0) * numbers[2] }
      return [HostTensor(dtype, [values.count], .real(values))]
    }
    let numbers = operands.compactMap { $0.wholes?[0] }
    guard numbers[2] != 0 else { throw .divisionByZero }
    let distance = try difference(numbers[1], numbers[0])
    guard distance != 0, (distance < 0) == (numbers[2] < 0) else {
      return [HostTensor(dtype, [0], .whole([]))]
    }
    let count = (distance.magnitude - 1) / numbers[2].magnitude + 1
    guard count <= mostWholeNumbers else {
      throw .limit("numbers in a range", maximum: mostWholeNumbers)
    }
    let values = (0..<Int(count)).map { numbers[0] + $0 * numbers[2] }
    return [HostTensor(dtype, [values.count], .whole(values))]
  }

  /// The index along each axis of every number that is not 0.
  @Sendable private static func nonZero(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let value = try call.host(0) else { return nil }
    let places = value.reals.enumerated().filter { $0.element != 0 }.map(\.offset)
    guard HostTensor.fits(.int64, [value.shape.count, places.count]) else {
      throw .limit("numbers to evaluate", maximum: mostWholeNumbers)
    }
    var indices = [Int]()
    for (extent, step) in zip(value.shape, value.shape.rowMajorSteps) {
      indices += places.map { $0 / step % extent }
    }
    return [HostTensor(.int64, [value.shape.count, places.count], .whole(indices))]
  }

  @Sendable private static func cumulativeSum(
    _ call: ONNXCall
  ) throws(ONNXProblem) -> [HostTensor]? {
    guard let value = try call.host(0), let axes = try call.host(1)?.wholes else { return nil }
    guard axes.count == 1 else {
      throw .operandShape(1, found: try call.operand(1).shape, needed: "one number")
    }
    let axis = try call.axis(axes[0], rank: value.shape.count)
    let isExclusive = try call.int("exclusive", default: 0) != 0
    let isReverse = try call.int("reverse", default: 0) != 0
    let (extent, step) = (value.shape[axis], value.shape.rowMajorSteps[axis])
    var wholes = value.wholes ?? []
    var reals = value.wholes == nil ? value.reals : []
    // One line along the axis for each place whose index there is 0.
    for start in 0..<value.shape.elementCount where start / step % extent == 0 {
      var (whole, real) = (0, 0.0)
      for index in 0..<extent {
        let place = start + (isReverse ? extent - 1 - index : index) * step
        if value.wholes == nil {
          let next = real + reals[place]
          reals[place] = isExclusive ? real : next
          real = next
        } else {
          let next = try sum(whole, wholes[place])
          wholes[place] = isExclusive ? whole : next
          whole = next
        }
      }
    }
    return [
      HostTensor(value.dtype, value.shape, value.wholes == nil ? .real(reals) : .whole(wholes))
    ]
  }

  /// What is on one side of a diagonal, 0 elsewhere.
  @Sendable private static func triangle(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let value = try call.host(0) else { return nil }
    var diagonal = 0
    if call.optional(1) != nil {
      guard let numbers = try call.host(1)?.wholes else { return nil }
      guard numbers.count == 1 else {
        throw .operandShape(1, found: try call.operand(1).shape, needed: "one number")
      }
      diagonal = numbers[0]
    }
    let isUpper = try call.int("upper", default: 1) != 0
    guard value.shape.count >= 2 else {
      throw .operandShape(0, found: value.shape, needed: "a matrix")
    }
    let (rows, columns) = (value.shape[value.shape.count - 2], value.shape[value.shape.count - 1])
    // Beyond this every diagonal is outside, and what is compared with it cannot overflow.
    diagonal = min(max(diagonal, -rows - 1), columns + 1)
    func isKept(_ place: Int) -> Bool {
      let offset = place % columns - place / columns % rows
      return isUpper ? offset >= diagonal : offset <= diagonal
    }
    switch value.numbers {
    case .whole(let values):
      let kept = values.enumerated().map { isKept($0.offset) ? $0.element : 0 }
      return [HostTensor(value.dtype, value.shape, .whole(kept))]
    case .real(let values):
      let kept = values.enumerated().map { isKept($0.offset) ? $0.element : 0 }
      return [HostTensor(value.dtype, value.shape, .real(kept))]
    }
  }

  /// Along a new axis the second of two values at an index, the first elsewhere.
  @Sendable private static func oneHot(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard let indices = try call.host(0), let depths = try call.host(1),
      let values = try call.host(2)
    else { return nil }
    guard depths.shape.elementCount == 1, depths.reals[0] >= 0,
      depths.reals[0] <= Double(mostWholeNumbers)
    else { throw .operandValue(1, needed: "one extent") }
    guard values.shape == [2] else {
      throw .operandShape(2, found: values.shape, needed: "a vector of 2 numbers")
    }
    let depth = Int(depths.reals[0])
    let axis = try call.axis(try call.int("axis", default: -1), rank: indices.shape.count + 1)
    var extents = indices.shape.dimensions
    extents.insert(depth, at: axis)
    let shape = try Shape(checking: extents)
    guard HostTensor.fits(values.dtype, shape) else {
      throw .limit("numbers to evaluate", maximum: mostWholeNumbers)
    }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let places = indices.reals.map { $0 < 0 ? $0 + Double(depth) : $0 }
    let isOn = (0..<shape.elementCount).map { place in
      let (outer, index) = (place / (inner * depth), place / inner % depth)
      return places[outer * inner + place % inner] == Double(index)
    }
    switch values.numbers {
    case .whole(let pair):
      return [HostTensor(values.dtype, shape, .whole(isOn.map { pair[$0 ? 1 : 0] }))]
    case .real(let pair):
      return [HostTensor(values.dtype, shape, .real(isOn.map { pair[$0 ? 1 : 0] }))]
    }
  }

  /// Ones along a diagonal, in the shape of a matrix whose numbers do not matter.
  @Sendable private static func identityMatrix(
    _ call: ONNXCall
  ) throws(ONNXProblem) -> [HostTensor]? {
    let model = try call.operand(0)
    guard model.rank == 2 else {
      throw .operandShape(0, found: model.shape, needed: "a matrix")
    }
    var dtype = model.dtype
    if let number = try call.optionalInt("dtype") { dtype = try call.elementType("dtype", number) }
    guard dtype.isHostType else { throw .operandType(0, found: dtype, needed: "numbers") }
    guard HostTensor.fits(dtype, model.shape) else {
      throw .limit("numbers to evaluate", maximum: mostWholeNumbers)
    }
    let (rows, columns) = (model.shape[0], model.shape[1])
    let diagonal = min(max(try call.int("k", default: 0), -rows), columns)
    let isOne = (0..<rows * columns).map { $0 % columns - $0 / columns == diagonal }
    return [
      HostTensor(
        dtype, model.shape,
        dtype.isFloatingPoint
          ? .real(isOne.map { $0 ? 1 : 0 }) : .whole(isOne.map { $0 ? 1 : 0 }))
    ]
  }
}
