/// Which axes an `Einsum` pairs, sums and keeps, such as `ij,jk->ik`.
struct EinsumEquation {
  /// An axis by its letter, or one of those that an ellipsis stands for, counted from the last.
  enum Axis: Hashable, Comparable {
    case further(Int)
    case letter(Character)
  }

  /// The axes of each operand in order, one perhaps several times.
  let operands: [[Axis]]
  /// The axes of the result in order, each once.
  let result: [Axis]

  /// Reads an equation for operands of these ranks.
  ///
  /// - Throws: `ONNXProblem.attribute` for a text that is no equation, or none for these operands.
  init(_ text: String, ranks: [Int]) throws(ONNXProblem) {
    let sides = text.filter { $0 != " " }.split(
      separator: "->", omittingEmptySubsequences: false)
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    guard sides.count <= 2, terms.count == ranks.count else {
      throw Self.problem(text, "an equation for \(ranks.count) operands")
    }
    var operands = [[Axis]]()
    var furthest = 0
    for (term, rank) in zip(terms, ranks) {
      guard let term = EinsumTerm(term), term.hasEllipsis || term.letters.count == rank,
        term.letters.count <= rank
      else { throw Self.problem(text, "letters for every axis") }
      let further = rank - term.letters.count
      furthest = max(furthest, further)
      operands.append(term.axes(further: further))
    }
    self.operands = operands
    let all = operands.joined()
    if sides.count == 1 {
      // Whatever is there only once, in alphabetical order behind the ellipsis.
      let counts = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
      let letters = counts.keys.filter { $0 >= .letter("A") && counts[$0] == 1 }
      result = Self.further(furthest) + letters.sorted()
      return
    }
    guard let term = EinsumTerm(sides[1]), term.hasEllipsis || furthest == 0 else {
      throw Self.problem(text, "a result with an ellipsis where the operands have one")
    }
    result = term.axes(further: furthest)
    guard Set(result).count == result.count, Set(result).isSubset(of: all) else {
      throw Self.problem(text, "a result of different axes that the operands have")
    }
  }

  private static func problem(_ text: String, _ needed: String) -> ONNXProblem {
    .attribute("equation", found: quoted(text), needed: needed)
  }

  /// As many axes as an ellipsis stands for.
  fileprivate static func further(_ count: Int) -> [Axis] {
    (0..<count).reversed().map(Axis.further)
  }
}

/// The letters of one operand or of the result.
private struct EinsumTerm {
  /// Before and behind the ellipsis.
  private let parts: [Substring]

  var hasEllipsis: Bool { parts.count == 2 }
  var letters: [Character] { Array(parts.joined()) }

  /// Nil for what has two ellipses or something else than letters.
  init?(_ text: Substring) {
    parts = text.split(separator: "...", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.joined().allSatisfy({ $0.isASCII && $0.isLetter }) else {
      return nil
    }
  }

  func axes(further count: Int) -> [EinsumEquation.Axis] {
    let letters = parts.map { $0.map(EinsumEquation.Axis.letter) }
    return hasEllipsis ? letters[0] + EinsumEquation.further(count) + letters[1] : letters[0]
  }
}
