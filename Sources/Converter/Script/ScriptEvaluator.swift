import GraphIR

/// Follows the code of a module with names in the place of tensors.
struct ScriptEvaluator {
  typealias Names = [String: ScriptValue]

  let heap: PickleHeap
  var code: ScriptCode
  /// All tensors, and where each was noted first.
  var nodes: [ScriptTrace.Node] = [.input]
  var known: [ScriptTrace.Node: Int] = [.input: 0]
  /// What is in each cell: a place in `nodes`.
  var cells: [Int] = [0]
  /// Cells of tensors that share their numbers with another cell's.
  var views: [Int: Int] = [:]
  var unknownCount = 0
  /// The function that is being followed.
  private(set) var place = ""

  private var steps = 0
  private var depth = 0

  /// Steps of the code: a network of 150 layers takes some 50,000.
  static let maximumSteps = 1 << 19
  /// Calls, blocks and brackets within each other; each level takes some kilobytes of the stack.
  static let maximumDepth = 160
  /// Characters of the name of a tensor or function.
  private static let maximumName = 1024

  init(_ heap: PickleHeap, _ code: ScriptCode) {
    self.heap = heap
    self.code = code
  }

  /// Calls `forward` of the module with one image.
  mutating func follow(_ root: PickleRef) throws(ScriptStop) -> ScriptTrace {
    let result = try call(method: "forward", of: root, prefix: "", [.tensor(0)], [:])
    guard case .tensor(let cell) = result else { throw problem(.result) }
    return ScriptTrace(nodes: nodes, result: cells[cell])
  }

  func problem(_ reason: ScriptProblem.Reason) -> ScriptStop {
    .problem(ScriptProblem(reason, place: place))
  }

  mutating func spend(_ count: Int = 1) throws(ScriptStop) {
    steps += count
    guard steps <= Self.maximumSteps else { throw problem(.tooLong) }
  }

  private mutating func descend() throws(ScriptStop) {
    try spend()
    depth += 1
    guard depth <= Self.maximumDepth else { throw problem(.tooLong) }
  }
}

// Functions and their lines.
extension ScriptEvaluator {
  private mutating func call(
    method: String, of module: PickleRef, prefix: String, _ arguments: [ScriptValue],
    _ keywords: Names
  ) throws(ScriptStop) -> ScriptValue {
    guard case .object(let object) = heap[module] else { throw problem(.missing) }
    return try call(
      object.className, method: method, [.module(module, prefix: prefix)] + arguments, keywords)
  }

  private mutating func call(
    _ path: String, method: String? = nil, _ arguments: [ScriptValue], _ keywords: Names
  ) throws(ScriptStop) -> ScriptValue {
    let function = try code.function(path, method: method)
    let caller = place
    place = method.map { path + "." + $0 } ?? path
    defer { place = caller }
    guard arguments.count <= function.parameters.count else { throw problem(.syntax) }
    var names = keywords
    for (index, parameter) in function.parameters.enumerated() {
      if index < arguments.count {
        guard keywords[parameter.name] == nil else { throw problem(.syntax) }
        names[parameter.name] = arguments[index]
      } else if keywords[parameter.name] != nil {
        continue
      } else if let value = parameter.defaultValue {
        names[parameter.name] = try evaluate(value, [:])
      } else {
        throw problem(.syntax)
      }
    }
    return try run(function.body, &names) ?? .none
  }

  /// Follows lines to their end or to `return`.
  private mutating func run(
    _ body: [ScriptStatement], _ names: inout Names
  ) throws(ScriptStop) -> ScriptValue? {
    try descend()
    defer { depth -= 1 }
    for statement in body {
      switch statement {
      case .nothing: break
      case .evaluate(let expression): _ = try evaluate(expression, names)
      case .answer(let expression): return try evaluate(expression, names)
      case .assign(let targets, false, let expression):
        let value = try evaluate(expression, names)
        for target in targets { names[target] = value }
      case .assign(let targets, true, let expression):
        let parts = try parts(of: evaluate(expression, names), count: targets.count)
        for (target, part) in zip(targets, parts) { names[target] = part }
      case .choose(let condition, let then, let otherwise):
        let truth = try evaluate(condition, names).truth
        if let answer = try choose(truth, then, otherwise, &names) { return answer }
      case .count(let name, let range, let body):
        // Without brackets around it, `range(n)` is its own value here.
        guard case .constant(.integer(let count)) = try evaluate(range, names) else {
          throw problem(.undecided)
        }
        for index in 0..<max(count, 0) {
          names[name] = .constant(.integer(index))
          if let answer = try run(body, &names) { return answer }
        }
      }
    }
    return nil
  }

  /// Goes the way that a condition says; where it depends on the image, the only one that does not
  /// end in an exception, or both where neither touches a tensor.
  private mutating func choose(
    _ truth: Bool?, _ then: [ScriptStatement], _ otherwise: [ScriptStatement],
    _ names: inout Names
  ) throws(ScriptStop) -> ScriptValue? {
    if let truth { return try run(truth ? then : otherwise, &names) }
    let (first, isPure) = try attempt(then, names)
    if first == nil { return try run(otherwise, &names) }
    let (second, isPureToo) = try attempt(otherwise, names)
    if second == nil { return try run(then, &names) }
    guard isPure, isPureToo else { throw problem(.undecided) }
    // What the two ways leave different is not known afterwards.
    for name in (then + otherwise).assignedNames {
      let constant = first?[name]?.constant
      names[name] = constant == second?[name]?.constant ? constant.map { .constant($0) } : .unknown
      if names[name] == nil { names[name] = .unknown }
    }
    return nil
  }

  /// Goes one of two ways and takes everything back.
  ///
  /// - Returns: the names at its end, nil where it raises an exception; and whether it touched no
  ///   tensor.
  private mutating func attempt(
    _ body: [ScriptStatement], _ names: Names
  ) throws(ScriptStop) -> (Names?, isPure: Bool) {
    try spend(cells.count + names.count)
    let before = (nodes: nodes, known: known, cells: cells, views: views, depth: depth)
    var names = names
    var end: Names?
    do throws(ScriptStop) {
      // Whether it returns here would depend on the image, too.
      if try run(body, &names) != nil { throw problem(.undecided) }
      end = names
    } catch {
      guard case .raised = error else { throw error }
    }
    let isPure = nodes.count == before.nodes.count && cells == before.cells
    (nodes, known, cells, views, depth) = before
    return (end, isPure)
  }
}

// Expressions.
extension ScriptEvaluator {
  private mutating func evaluate(
    _ expression: ScriptExpression, _ names: Names
  ) throws(ScriptStop) -> ScriptValue {
    try descend()
    defer { depth -= 1 }
    switch expression {
    case .constant(let value): return .constant(value)
    case .name(let name):
      if let value = names[name] { return value }
      guard name.utf8.count <= Self.maximumName else { throw problem(.tooLong) }
      return .path(name)
    case .attribute(let owner, let name):
      return try attribute(name, of: evaluate(owner, names))
    case .element(let owner, let index):
      // `List[int]` is a type.
      guard case .path = owner.head(names) else {
        return try element(evaluate(index, names), of: evaluate(owner, names))
      }
      return .unknown
    case .list(let items), .tuple(let items):
      var values: [ScriptValue] = []
      for item in items { values.append(try evaluate(item, names)) }
      guard let list = ScriptValue.list(of: values) else { throw problem(.tooLong) }
      return list
    case .call(.attribute(let owner, let name), let arguments):
      let target = try evaluate(owner, names)
      let (values, keywords) = try evaluate(arguments, names)
      switch target {
      case .module(let module, let prefix):
        return try call(method: name, of: module, prefix: prefix, values, keywords)
      case .path: return try call(path: attribute(name, of: target), values, keywords)
      default: throw problem(.syntax)
      }
    case .call(let function, let arguments):
      let target = try evaluate(function, names)
      let (values, keywords) = try evaluate(arguments, names)
      return try call(path: target, values, keywords)
    }
  }

  private mutating func evaluate(
    _ arguments: [ScriptArgument], _ names: Names
  ) throws(ScriptStop) -> (values: [ScriptValue], keywords: Names) {
    var values: [ScriptValue] = []
    var keywords: Names = [:]
    for argument in arguments {
      let value = try evaluate(argument.value, names)
      if let name = argument.name {
        guard keywords.updateValue(value, forKey: name) == nil else { throw problem(.syntax) }
      } else {
        guard keywords.isEmpty else { throw problem(.syntax) }
        values.append(value)
      }
    }
    return (values, keywords)
  }

  private mutating func call(
    path: ScriptValue, _ values: [ScriptValue], _ keywords: Names
  ) throws(ScriptStop) -> ScriptValue {
    guard case .path(let path) = path else { throw problem(.syntax) }
    if path.hasPrefix(ScriptClasses.package + ".") { return try call(path, values, keywords) }
    if path == "getattr" {
      guard values.count == 2, case .text(let name)? = values[1].constant else {
        throw problem(.syntax)
      }
      return try attribute(name, of: values[0])
    }
    return try operate(path, values, keywords)
  }

  private mutating func attribute(
    _ name: String, of owner: ScriptValue
  ) throws(ScriptStop) -> ScriptValue {
    switch owner {
    case .path(let path):
      guard path.utf8.count + name.utf8.count < Self.maximumName else { throw problem(.tooLong) }
      return .path(path + "." + name)
    case .module(let module, let prefix):
      guard prefix.utf8.count + name.utf8.count < Self.maximumName else {
        throw problem(.tooLong)
      }
      guard let attributes = heap.attributes(module) else { return .unknown }
      // As after `eval()`, whatever mode the module was saved in.
      if name == "training" { return .constant(.bool(false)) }
      try spend(attributes.count)
      guard let ref = heap.value(name, in: attributes) else { return .unknown }
      switch heap[ref] {
      case .none: return .none
      case .bool(let value): return .constant(.bool(value))
      case .integer(let value): return .constant(.integer(value))
      case .float(let value): return .constant(.number(value))
      case .object: return .module(ref, prefix: prefix + name + ".")
      default:
        return heap.isTensor(ref) ? cell(for: .parameter(prefix + name)) : .unknown
      }
    default: return .unknown
    }
  }

  private mutating func element(
    _ index: ScriptValue, of owner: ScriptValue
  ) throws(ScriptStop) -> ScriptValue {
    guard case .integer(let place)? = index.constant else { return .unknown }
    switch owner {
    case .extents: return place == 0 ? .batch : .unknown
    case .list(let items, _, _):
      let place = place < 0 ? place &+ items.count : place
      return items.indices.contains(place) ? items[place] : .unknown
    case .tensor:
      guard (0..<8).contains(place) else { throw problem(.syntax) }
      return try parts(of: owner, count: place + 1)[place]
    default: return .unknown
    }
  }
}

extension ScriptExpression {
  /// What a type's name would be: neither a variable nor a longer expression.
  fileprivate func head(_ names: ScriptEvaluator.Names) -> ScriptValue {
    if case .name(let name) = self, names[name] == nil { .path(name) } else { .unknown }
  }
}
