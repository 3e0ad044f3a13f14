/// A function or method of an archive's code.
struct ScriptFunction: Sendable {
  struct Parameter: Sendable {
    let name: String
    let defaultValue: ScriptExpression?
  }

  let parameters: [Parameter]
  let body: [ScriptStatement]
}

/// One step of a function.
indirect enum ScriptStatement: Sendable {
  /// A value under a name, or its parts under several.
  case assign([String], isParts: Bool, ScriptExpression)
  case evaluate(ScriptExpression)
  case answer(ScriptExpression)
  case choose(ScriptExpression, then: [ScriptStatement], otherwise: [ScriptStatement])
  case count(String, ScriptExpression, [ScriptStatement])
  case nothing
}

extension [ScriptStatement] {
  /// All names that get another value somewhere in these lines.
  var assignedNames: Set<String> {
    reduce(into: []) { names, statement in
      switch statement {
      case .assign(let targets, _, _): names.formUnion(targets)
      case .choose(_, let then, let otherwise):
        names.formUnion(then.assignedNames.union(otherwise.assignedNames))
      case .count(let name, _, let body): names.formUnion(body.assignedNames.union([name]))
      case .evaluate, .answer, .nothing: break
      }
    }
  }
}

/// The functions of one file, parsed when they are called.
struct ScriptFile: Sendable {
  private let lines: [ScriptLine]
  /// Where `def` stands: by `Class.method`, or the name alone for a free function.
  private let places: [String: Int]

  /// Blocks within blocks.
  static let maximumDepth = 32

  init(code: [UInt8]) {
    let lines = ScriptLine.lines(of: code)
    var places: [String: Int] = [:]
    var type: String?
    for (index, line) in lines.enumerated() {
      guard line.tokens.count > 1, case .name(let name) = line.tokens[1] else { continue }
      if line.indentation == 0 {
        type = line.tokens[0] == .name("class") ? name : nil
        if line.tokens[0] == .name("def") { places[name] = index }
      } else if line.indentation == 2, line.tokens[0] == .name("def"), let type {
        places["\(type).\(name)"] = index
      }
    }
    self.lines = lines
    self.places = places
  }

  /// A function by `name` or `Class.name`; nil where there is none.
  func function(_ name: String) throws(ScriptSyntaxError) -> ScriptFunction? {
    guard let place = places[name] else { return nil }
    var header = ScriptParser(lines[place].tokens.dropFirst(2))
    try header.expect("(")
    var parameters: [ScriptFunction.Parameter] = []
    while !header.accept(")") {
      let name = try header.name()
      if header.accept(":") { _ = try header.expression() }
      let value = header.accept("=") ? try header.expression() : nil
      parameters.append(.init(name: name, defaultValue: value))
      if !header.accept(",") {
        try header.expect(")")
        break
      }
    }
    var next = place + 1
    let body = try block(&next, inside: lines[place].indentation, depth: 0)
    return ScriptFunction(parameters: parameters, body: body)
  }

  /// The lines that are indented further than the one before them.
  private func block(
    _ next: inout Int, inside outer: Int, depth: Int
  ) throws(ScriptSyntaxError) -> [ScriptStatement] {
    guard depth < Self.maximumDepth, next < lines.count, lines[next].indentation > outer else {
      throw ScriptSyntaxError()
    }
    let indentation = lines[next].indentation
    var statements: [ScriptStatement] = []
    while next < lines.count, lines[next].indentation == indentation {
      statements.append(try statement(&next, depth: depth))
    }
    return statements
  }

  private func statement(
    _ next: inout Int, depth: Int
  ) throws(ScriptSyntaxError) -> ScriptStatement {
    let line = lines[next]
    var parser = ScriptParser(line.tokens[...])
    next += 1
    if parser.accept(word: "pass") { return .nothing }
    if parser.accept(word: "return") { return .answer(try parser.whole()) }
    if parser.accept(word: "if") {
      let condition = try parser.expression()
      try parser.expect(":")
      let then = try block(&next, inside: line.indentation, depth: depth + 1)
      var otherwise: [ScriptStatement] = []
      if next < lines.count, lines[next].indentation == line.indentation,
        lines[next].tokens == [.name("else"), .sign(":")]
      {
        next += 1
        otherwise = try block(&next, inside: line.indentation, depth: depth + 1)
      }
      return .choose(condition, then: then, otherwise: otherwise)
    }
    if parser.accept(word: "for") {
      let name = try parser.name()
      guard parser.accept(word: "in") else { throw ScriptSyntaxError() }
      let range = try parser.expression()
      try parser.expect(":")
      return .count(
        name, range, try block(&next, inside: line.indentation, depth: depth + 1))
    }
    return try assignment(parser)
  }

  private func assignment(_ start: ScriptParser) throws(ScriptSyntaxError) -> ScriptStatement {
    var parser = start
    var names: [String] = []
    var isParts = false
    while let name = try? parser.name() {
      names.append(name)
      guard parser.accept(",") else { break }
      isParts = true
    }
    if !names.isEmpty, parser.accept("=") {
      return .assign(names, isParts: isParts, try parser.whole())
    }
    parser = start
    return .evaluate(try parser.whole())
  }
}
