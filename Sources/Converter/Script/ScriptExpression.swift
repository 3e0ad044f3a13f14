/// What may stand in a line of TorchScript's code, which looks like Python and is much less.
indirect enum ScriptExpression: Sendable {
  case name(String)
  case constant(ScriptConstant)
  case attribute(ScriptExpression, String)
  case call(ScriptExpression, [ScriptArgument])
  case element(ScriptExpression, ScriptExpression)
  case list([ScriptExpression])
  case tuple([ScriptExpression])
}

/// A value that is written out.
package enum ScriptConstant: Hashable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
}

/// What a call is given.
struct ScriptArgument: Sendable {
  /// The parameter's name, where the call says it.
  let name: String?
  let value: ScriptExpression
}

/// Why code could not be followed.
struct ScriptSyntaxError: Error {}

/// Reads the tokens of a line.
struct ScriptParser {
  private var tokens: ArraySlice<ScriptToken>
  private var depth = 0

  /// Brackets within brackets; PyTorch itself nests a handful.
  static let maximumDepth = 64

  init(_ tokens: ArraySlice<ScriptToken>) { self.tokens = tokens }

  var isAtEnd: Bool { tokens.isEmpty }

  mutating func accept(_ sign: Character) -> Bool {
    guard tokens.first == .sign(sign) else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func accept(word: String) -> Bool {
    guard tokens.first == .name(word) else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func expect(_ sign: Character) throws(ScriptSyntaxError) {
    guard accept(sign) else { throw ScriptSyntaxError() }
  }

  mutating func name() throws(ScriptSyntaxError) -> String {
    guard case .name(let name) = tokens.first else { throw ScriptSyntaxError() }
    tokens.removeFirst()
    return name
  }

  /// An expression that goes to the end of the line, perhaps a tuple without brackets.
  mutating func whole() throws(ScriptSyntaxError) -> ScriptExpression {
    let first = try expression()
    guard accept(",") else {
      guard isAtEnd else { throw ScriptSyntaxError() }
      return first
    }
    var items = [first]
    while !isAtEnd {
      items.append(try expression())
      guard accept(",") || isAtEnd else { throw ScriptSyntaxError() }
    }
    return .tuple(items)
  }

  mutating func expression() throws(ScriptSyntaxError) -> ScriptExpression {
    depth += 1
    guard depth <= Self.maximumDepth else { throw ScriptSyntaxError() }
    defer { depth -= 1 }
    var result = try atom()
    // A chain nests the value, too, and whoever follows it goes as deep.
    for _ in 0..<Self.maximumDepth {
      if accept(".") {
        result = .attribute(result, try name())
      } else if accept("(") {
        result = .call(result, try arguments())
      } else if accept("[") {
        let items = try list(until: "]").items
        result = .element(result, items.count == 1 ? items[0] : .tuple(items))
      } else {
        return result
      }
    }
    throw ScriptSyntaxError()
  }

  private mutating func atom() throws(ScriptSyntaxError) -> ScriptExpression {
    guard let token = tokens.popFirst() else { throw ScriptSyntaxError() }
    switch token {
    case .integer(let value): return .constant(.integer(value))
    case .number(let value): return .constant(.number(value))
    case .text(let text): return .constant(.text(text))
    case .name("None"): return .constant(.none)
    case .name("True"): return .constant(.bool(true))
    case .name("False"): return .constant(.bool(false))
    case .name(let name): return .name(name)
    case .sign("["): return .list(try list(until: "]").items)
    case .sign("("):
      let (items, endsInComma) = try list(until: ")")
      return items.count == 1 && !endsInComma ? items[0] : .tuple(items)
    case .sign("-"):
      switch tokens.popFirst() {
      case .integer(let value): return .constant(.integer(0 - value))
      case .number(let value): return .constant(.number(-value))
      default: throw ScriptSyntaxError()
      }
    case .sign: throw ScriptSyntaxError()
    }
  }

  private mutating func list(
    until end: Character
  ) throws(ScriptSyntaxError) -> (items: [ScriptExpression], endsInComma: Bool) {
    var items: [ScriptExpression] = []
    var endsInComma = false
    while !accept(end) {
      items.append(try expression())
      endsInComma = accept(",")
      if !endsInComma {
        try expect(end)
        break
      }
    }
    return (items, endsInComma)
  }

  private mutating func arguments() throws(ScriptSyntaxError) -> [ScriptArgument] {
    var arguments: [ScriptArgument] = []
    while !accept(")") {
      var name: String?
      if case .name(let word) = tokens.first, tokens.dropFirst().first == .sign("=") {
        name = word
        tokens.removeFirst(2)
      }
      arguments.append(ScriptArgument(name: name, value: try expression()))
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return arguments
  }
}
