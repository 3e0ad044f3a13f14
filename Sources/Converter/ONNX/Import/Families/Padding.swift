import GraphIR

/// Elements added around a tensor, or cut off it.
enum PaddingOps {
  static let table: [String: ONNXHandler] = ["Pad": pad]

  private enum Mode: String, CaseIterable {
    case constant
    case reflect
    case edge
    case wrap
  }

  private static func pad(
    _ importer: inout ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> [ImportedValue] {
    let value = try call.operand(0)
    let (before, after) = try amounts(importer, call, value.shape)
    // What is negative is cut off first: reflections are of what remains.
    var extents = [Int]()
    for axis in before.indices {
      let rest = value.shape[axis] + min(0, before[axis]) + min(0, after[axis])
      guard rest >= 0 else {
        throw .attribute(
          "pads", found: "\(before + after)", needed: "no more cut off than \(value.shape) has")
      }
      extents.append(rest)
    }
    var result = value
    if Shape(extents) != value.shape {
      result = try importer.slice(
        value, starts: before.map { max(0, -$0) }, extents: extents, steps: before.map { _ in 1 })
    }
    let mode: Pad.Mode =
      switch try call.word("mode", default: Mode.constant) {
      case .constant: .constant(try filler(importer, call))
      case .reflect: .reflect
      case .edge: .edge
      case .wrap: .wrap
      }
    result = try importer.pad(
      result, before: before.map { max(0, $0) }, after: after.map { max(0, $0) }, mode)
    return [result]
  }

  /// What is added, or with a minus sign cut off, at both ends of each axis.
  private static func amounts(
    _ importer: ONNXImporter, _ call: ONNXCall, _ shape: Shape
  ) throws(ONNXProblem) -> (before: [Int], after: [Int]) {
    let pads = try importer.wholeNumbers(call, "pads", operand: 1, since: 11)
    var axes = Array(shape.indices)
    if call.opset >= 18, call.optional(3) != nil {
      axes = try call.axes(try importer.wholeNumbers(call, 3), rank: shape.count)
    }
    guard let pads else { throw .missingAttribute("pads") }
    let range = -ONNXCall.largestSize...ONNXCall.largestSize
    guard pads.count == 2 * axes.count, pads.allSatisfy(range.contains) else {
      throw .attribute(
        "pads", found: "\(pads.prefix(16))",
        needed: "a list of two numbers for each of \(axes.count) axes")
    }
    var before = shape.map { _ in 0 }
    var after = before
    for (index, axis) in axes.enumerated() {
      (before[axis], after[axis]) = (pads[index], pads[axes.count + index])
    }
    return (before, after)
  }

  /// What is put around.
  private static func filler(
    _ importer: ONNXImporter, _ call: ONNXCall
  ) throws(ONNXProblem) -> Float {
    guard call.opset >= 11 else { return try call.float("value", default: 0) }
    guard let operand = call.optional(2) else { return 0 }
    let tensor = try importer.known(operand, operand: 2)
    // Some writers give an empty tensor for none.
    if tensor.shape.contains(0) { return 0 }
    guard tensor.shape.elementCount == 1, let value = tensor.floats()?.first else {
      throw .operandShape(2, found: tensor.shape, needed: "one number")
    }
    return value
  }
}
