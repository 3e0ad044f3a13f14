/// The values of one pickle, in the order they were made.
struct PickleHeap: Sendable {
  private var values: [PickleValue] = [.none, .bool(false), .bool(true)]
  /// Bytes that the values take; copies of a container count again.
  private(set) var byteCount = 0

  /// Python's `None`, kept once.
  static let none = PickleRef(index: 0)

  /// The handle of a truth value, kept once.
  static func bool(_ value: Bool) -> PickleRef { PickleRef(index: value ? 2 : 1) }

  mutating func add(_ value: PickleValue) -> PickleRef {
    byteCount += value.byteCount
    values.append(value)
    return PickleRef(index: Int32(values.count - 1))
  }

  /// Every value, in the order they were made.
  var all: [PickleValue] { values }

  subscript(ref: PickleRef) -> PickleValue { values[Int(ref.index)] }

  mutating func replace(_ ref: PickleRef, with value: PickleValue) {
    values[Int(ref.index)] = value
  }

  /// Appends to a list or set; false where the value is neither.
  mutating func append(_ items: [PickleRef], to ref: PickleRef) -> Bool {
    // The array leaves the arena while it grows: two owners would copy it at each append.
    switch self[ref] {
    case .list(var elements):
      replace(ref, with: .none)
      elements.append(contentsOf: items)
      replace(ref, with: .list(elements))
    case .set(var elements):
      replace(ref, with: .none)
      elements.append(contentsOf: items)
      replace(ref, with: .set(elements))
    default: return false
    }
    // A set made of a list shares its buffer until now: what is copied here was counted then.
    byteCount += items.count * PickleCost.element
    return true
  }

  /// Appends entries to a dictionary; false where the value is none.
  mutating func append(_ pairs: [PicklePair], to ref: PickleRef) -> Bool {
    guard case .dictionary(var entries) = self[ref] else { return false }
    replace(ref, with: .none)
    entries.append(contentsOf: pairs)
    replace(ref, with: .dictionary(entries))
    byteCount += pairs.count * PickleCost.pair
    return true
  }
}

// Looking at values.
extension PickleHeap {
  func isTensor(_ ref: PickleRef) -> Bool {
    switch self[ref] {
    case .tensor, .unsupportedTensor, .unsupportedElement: true
    default: false
    }
  }

  func text(_ ref: PickleRef) -> String? {
    if case .text(let text) = self[ref] { text } else { nil }
  }

  func integer(_ ref: PickleRef) -> Int? {
    switch self[ref] {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  func tuple(_ ref: PickleRef) -> [PickleRef]? {
    if case .tuple(let items) = self[ref] { items } else { nil }
  }

  /// The whole numbers of a tuple or list.
  func integers(_ ref: PickleRef) -> [Int]? {
    let items: [PickleRef]
    switch self[ref] {
    case .tuple(let elements), .list(let elements): items = elements
    default: return nil
    }
    let numbers = items.compactMap(integer)
    return numbers.count == items.count ? numbers : nil
  }

  /// The entries of a dictionary, or of an object that was filled like one.
  func entries(_ ref: PickleRef) -> [PicklePair]? {
    switch self[ref] {
    case .dictionary(let pairs): pairs
    case .object(let object): object.items.flatMap(entries)
    default: nil
    }
  }

  /// The value that a dictionary has under a key; the last one written counts, as in Python.
  func value(_ key: String, in pairs: [PicklePair]) -> PickleRef? {
    pairs.last { text($0.key) == key }?.value
  }

  /// The attributes that BUILD gave an object.
  func attributes(_ ref: PickleRef) -> [PicklePair]? {
    guard case .object(let object) = self[ref], let state = object.state else { return nil }
    // A class with slots gives a pair: the dictionary (or None), then the slots.
    if let parts = tuple(state), let first = parts.first { return dictionary(first) }
    return dictionary(state)
  }

  private func dictionary(_ ref: PickleRef) -> [PicklePair]? {
    if case .dictionary(let pairs) = self[ref] { pairs } else { nil }
  }
}
