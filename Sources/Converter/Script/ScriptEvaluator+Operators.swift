import GraphIR

// What the operators of PyTorch do to names.
extension ScriptEvaluator {
  /// Calls an operator by its path: `torch.relu_`, `ops.prim.NumToTensor`, `int`.
  mutating func operate(
    _ path: String, _ values: [ScriptValue], _ keywords: Names
  ) throws(ScriptStop) -> ScriptValue {
    let name = path.split(separator: ".").last.map(String.init) ?? path
    switch name {
    case "RaiseException": throw .raised
    case "annotate", "unchecked_cast":
      guard values.count == 2 else { throw problem(.syntax) }
      return values[1]
    case "int", "float", "bool", "Bool", "NumToTensor", "Int", "range", "unwrap_optional":
      return values.count == 1 ? values[0] : .unknown
    case "size":
      guard case .tensor? = values.first else { return .unknown }
      return values.count == 1 ? .extents : values[1].constant == .integer(0) ? .batch : .unknown
    case "__is__", "__isnot__":
      // PyTorch compares with None alone.
      guard values.count == 2, values[1].isNone == true, let isNone = values[0].isNone else {
        return .unknown
      }
      return .constant(.bool(isNone == (name == "__is__")))
    case "dim", "numel", "device", "dtype", "is_floating_point", "is_cuda", "layout":
      return .unknown
    // The same tensor for images that are computed once.
    case "dropout", "dropout_", "feature_dropout", "alpha_dropout":
      if values.count == 3, values[2].truth == false { return values[0] }
    case "contiguous", "detach", "alias":
      if values.count == 1, keywords.isEmpty { return values[0] }
    default: break
    }
    guard values.contains(where: \.hasTensor) || keywords.values.contains(where: \.hasTensor)
    else { return Self.compute(name, values) }
    return try record(name, values, keywords)
  }

  /// Notes a call that makes a tensor, or changes its first.
  private mutating func record(
    _ name: String, _ values: [ScriptValue], _ keywords: Names
  ) throws(ScriptStop) -> ScriptValue {
    // `add_`, but not `__getitem__`.
    let isInPlace = name.hasSuffix("_") && !name.hasSuffix("__")
    var arguments: [ScriptTrace.Operand] = []
    for value in values { arguments.append(try operand(value)) }
    var named: [String: ScriptTrace.Operand] = [:]
    for (key, value) in keywords { named[key] = try operand(value) }
    let node = ScriptTrace.Node.call(
      isInPlace ? String(name.dropLast()) : name, arguments, keywords: named)
    guard isInPlace, case .tensor(let target)? = values.first else {
      let result = cell(for: node)
      if Self.viewing.contains(name), case .tensor(let source)? = values.first,
        case .tensor(let view) = result
      {
        views[view] = source
      }
      return result
    }
    cells[target] = place(of: node)
    // What else shares those numbers has changed as well, nobody can tell how.
    var related = Set([target])
    var source = target
    while let next = views[source], related.insert(next).inserted { source = next }
    try spend(views.count)
    for (view, base) in views where related.contains(base) { related.insert(view) }
    for other in related where other != target { cells[other] = place(of: unknown()) }
    return .tensor(target)
  }

  /// Operators whose result may share its numbers with their first operand.
  private static let viewing: Set = [
    "view", "reshape", "flatten", "squeeze", "unsqueeze", "t", "transpose", "permute", "slice",
    "select", "narrow", "expand", "expand_as", "unflatten", "view_as", "chunk", "split",
  ]

  /// The parts of a value that is taken apart.
  mutating func parts(
    of value: ScriptValue, count: Int
  ) throws(ScriptStop) -> [ScriptValue] {
    try spend(count)
    if let items = value.items {
      guard items.count == count else { throw problem(.syntax) }
      return items
    }
    guard case .tensor(let cell) = value else {
      return Array(repeating: .unknown, count: count)
    }
    var parts: [ScriptValue] = []
    for index in 0..<count {
      // The maxima, and behind them where they lie.
      let isFirst =
        if case .call("adaptive_max_pool2d", _, _) = nodes[cells[cell]] { index == 0 } else {
          false
        }
      parts.append(isFirst ? value : self.cell(for: unknown()))
    }
    return parts
  }

  /// A new cell with a tensor.
  mutating func cell(for node: ScriptTrace.Node) -> ScriptValue {
    cells.append(place(of: node))
    return .tensor(cells.count - 1)
  }

  private mutating func place(of node: ScriptTrace.Node) -> Int {
    if let place = known[node] { return place }
    nodes.append(node)
    known[node] = nodes.count - 1
    return nodes.count - 1
  }

  private mutating func unknown() -> ScriptTrace.Node {
    unknownCount += 1
    return .unknown(unknownCount)
  }

  private mutating func operand(_ value: ScriptValue) throws(ScriptStop) -> ScriptTrace.Operand {
    try spend()
    switch value {
    case .tensor(let cell): return .node(cells[cell])
    case .constant(let constant): return .constant(constant)
    case .list(let items, _, _):
      var operands: [ScriptTrace.Operand] = []
      for item in items { operands.append(try operand(item)) }
      return .list(operands)
    case .batch: return .batch
    case .module, .path, .extents, .unknown: return .unknown
    }
  }

  /// Computes with known numbers; unknown where it is not worth knowing.
  private static func compute(_ name: String, _ values: [ScriptValue]) -> ScriptValue {
    switch (name, values.count) {
    case ("__not__", 1): return values[0].truth.map { .constant(.bool(!$0)) } ?? .unknown
    case ("len", 1):
      return values[0].items.map { .constant(.integer($0.count)) } ?? .unknown
    case (_, 2):
      guard let first = values[0].constant, let second = values[1].constant else { return .unknown }
      return compute(name, first, second).map { .constant($0) } ?? .unknown
    default: return .unknown
    }
  }

  private static func compute(
    _ name: String, _ first: ScriptConstant, _ second: ScriptConstant
  ) -> ScriptConstant? {
    switch name {
    case "eq": return .bool(first == second)
    case "ne": return .bool(first != second)
    default: break
    }
    guard let a = first.number, let b = second.number else { return nil }
    switch name {
    case "lt": return .bool(a < b)
    case "le": return .bool(a <= b)
    case "gt": return .bool(a > b)
    case "ge": return .bool(a >= b)
    default: return nil
    }
  }
}

extension ScriptConstant {
  /// The value of a number.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .bool, .none, .text: nil
    }
  }
}
