import GraphIR

// Elements of a known tensor replaced by others, as exporters write assignments to slices.
extension HostOps {
  static let scattering: [String: Function] = ["ScatterND": scattered]

  /// The indices' last axis holds places along the first axes of the data; at each of them stands
  /// one update, of the extents that are left.
  @Sendable private static func scattered(_ call: ONNXCall) throws(ONNXProblem) -> [HostTensor]? {
    guard try call.string("reduction", default: "none") == "none" else {
      throw .attribute("reduction", found: "another", needed: "none")
    }
    guard let data = try call.host(0), let indices = try call.host(1)?.wholes,
      let updates = try call.host(2)
    else { return nil }
    let form = try call.operand(1).shape
    guard let depth = form.last, depth <= data.shape.count else {
      throw .operandShape(1, found: form, needed: "places along \(data.shape.count) axes at most")
    }
    let expected = Shape(form.dropLast() + data.shape[depth...])
    guard updates.shape == expected else {
      throw .operandShape(2, found: updates.shape, needed: "\(expected)")
    }
    guard updates.dtype == data.dtype else {
      throw .operandType(2, found: updates.dtype, needed: "\(data.dtype.rawValue) values")
    }
    // Without numbers in them there may be more updates than can be counted through.
    guard updates.shape.elementCount > 0 else { return [data] }
    let steps = data.shape.rowMajorSteps
    let run = data.shape[depth...].reduce(1, *)
    // Where each update begins in the data.
    var starts = [Int]()
    for place in 0..<form.dropLast().reduce(1, *) {
      var start = 0
      for axis in 0..<depth {
        let (index, extent) = (indices[place * depth + axis], data.shape[axis])
        guard -extent..<extent ~= index else {
          throw .operandValue(1, needed: "an index within the extent \(extent)")
        }
        start += (index < 0 ? index + extent : index) * steps[axis]
      }
      starts.append(start)
    }
    func replaced<Number>(_ values: [Number], _ updates: [Number]) -> [Number] {
      var values = values
      for (place, start) in starts.enumerated() {
        for index in 0..<run { values[start + index] = updates[place * run + index] }
      }
      return values
    }
    switch (data.numbers, updates.numbers) {
    case (.whole(let values), .whole(let others)):
      return [HostTensor(data.dtype, data.shape, .whole(replaced(values, others)))]
    case (.real(let values), .real(let others)):
      return [HostTensor(data.dtype, data.shape, .real(replaced(values, others)))]
    default: return nil
    }
  }
}
