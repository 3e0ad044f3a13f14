import TestSupport

/// Numbers drawn from the counter-based generator, the same in every run.
struct Draw {
  private let stream: String
  private var count = 0

  init(_ stream: String) { self.stream = stream }

  mutating func below(_ bound: Int) -> Int {
    count += 1
    let number = CounterFill.uniform("\(stream)/\(count)", count: 1)[0]
    return min(bound - 1, Int(number * Float(bound)))
  }

  mutating func one<Element>(of choices: [Element]) -> Element { choices[below(choices.count)] }

  /// A part of 0..<count that is not empty.
  mutating func part(of count: Int, atMost most: Int) -> Range<Int> {
    let length = 1 + below(min(count, max(1, most)))
    let first = below(count - length + 1)
    return first..<first + length
  }

  /// Neighbouring parts that together are 0..<count.
  mutating func cuts(of count: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var first = 0
    while first < count {
      let end = first + 1 + below(min(count - first, 1 + count / 2))
      parts.append(first..<end)
      first = end
    }
    return parts
  }
}
