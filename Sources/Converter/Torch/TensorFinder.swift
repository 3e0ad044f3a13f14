/// Looks for the one set of named tensors in the object that a checkpoint holds.
///
/// That is a state dict, a whole module, or one of them inside dictionaries that a training
/// script wrapped around it.
package struct TensorFinder {
  let heap: PickleHeap
  let origin: ByteOrigin
  /// Handles looked at and bytes of names made, so that shared or cyclic parts cannot make a small
  /// file slow.
  var work = 0
  var found = FoundTensors()
  /// The classes of a TorchScript archive, whose modules look different.
  var classes: ScriptClasses?
  /// Whether NumPy arrays count as tensors where a model is looked for; those beside a model's
  /// tensors always do.
  private let countsArrays: Bool
  private var knownToHold: [PickleRef: Bool] = [:]

  /// Where training scripts put a model beside its optimizer and the rest.
  static let wrapperKeys = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "state", "module",
    "weights", "params", "ema", "model_ema", "ema_model", "ema_state_dict", "state_dict_ema",
    "params_ema",
  ]
  /// Words in the names of what training needs beside a model.
  private static let trainingWords = [
    "optim", "sched", "scaler", "rng", "loss", "metric", "callback", "hyper", "config", "args",
  ]
  /// Dictionaries around dictionaries.
  static let maximumWrapperDepth = 4
  /// Tensors of one checkpoint; the largest published models have some thousands.
  package static let maximumTensors = 1 << 15
  /// Bytes of one tensor's name.
  package static let maximumNameLength = 4_096
  /// Handles looked at, and bytes in names, in all.
  package static let maximumWork = 1 << 23

  /// Keys that an error about a wrong one carries along, and the bytes of the longest.
  private static let maximumShownKeys = 64
  private static let maximumShownKey = 256

  init(heap: PickleHeap, origin: ByteOrigin, countsArrays: Bool = false) {
    self.heap = heap
    self.origin = origin
    self.countsArrays = countsArrays
  }

  /// Finds the tensors in `root`, or in what lies there under `key` (a key, or keys with slashes).
  static func find(
    in root: PickleRef, of heap: PickleHeap, origin: ByteOrigin, key: String?
  ) throws(CheckpointError) -> FoundTensors {
    do {
      return try find(in: root, of: heap, origin: origin, key: key, countsArrays: false)
    } catch {
      switch error.reason {
      // There may be arrays where there are no tensors.
      case .noTensors, .keyWithoutTensors: break
      default: throw error
      }
    }
    return try find(in: root, of: heap, origin: origin, key: key, countsArrays: true)
  }

  private static func find(
    in root: PickleRef, of heap: PickleHeap, origin: ByteOrigin, key: String?, countsArrays: Bool
  ) throws(CheckpointError) -> FoundTensors {
    var finder = TensorFinder(heap: heap, origin: origin, countsArrays: countsArrays)
    if let key {
      let (value, path) = try finder.select(key, in: root)
      finder.found.path = path
      guard try finder.holdsTensors(value) else {
        throw origin.error(.keyWithoutTensors(key))
      }
      try finder.find(in: value)
    } else {
      try finder.find(in: root)
    }
    guard !finder.found.tensors.isEmpty else {
      throw origin.error(.noTensors(found: heap[root].kindName))
    }
    return finder.found
  }

  private mutating func find(
    in ref: PickleRef, inside wrappers: Set<PickleRef> = []
  ) throws(CheckpointError) {
    guard found.path.count <= Self.maximumWrapperDepth else {
      throw origin.error(.limit(.wrapperDepth, maximum: Self.maximumWrapperDepth))
    }
    if isModule(ref) { return try walk(module: ref) }
    guard let entries = try namedEntries(ref) else {
      throw origin.error(.noTensors(found: heap[ref].kindName))
    }
    // A dictionary that contains itself would be found in itself for ever.
    let wrappers = wrappers.union([ref])
    let inner = entries.filter { !wrappers.contains($0.ref) }
    var candidates: [(name: String, ref: PickleRef)] = []
    for entry in inner where Self.wrapperKeys.contains(entry.name) {
      if try holdsTensors(entry.ref) { candidates.append(entry) }
    }
    if candidates.isEmpty {
      for entry in inner {
        if try isModel(entry.ref) { candidates.append(entry) }
      }
      let models = candidates.filter { entry in
        !Self.trainingWords.contains { entry.name.lowercased().contains($0) }
      }
      if !models.isEmpty { candidates = models }
      // A loss or an accuracy beside a model is no state dict.
      let isState = entries.contains { isTensor($0.ref) && !isSingleValue($0.ref) }
      if isState || candidates.isEmpty && entries.contains(where: { isTensor($0.ref) }) {
        return try collect(entries)
      }
    }
    guard let chosen = candidates.first else {
      throw origin.error(.noTensors(found: heap[ref].kindName))
    }
    guard candidates.allSatisfy({ $0.ref == chosen.ref }) else {
      let prefix = found.path.map { $0 + "/" }.joined()
      throw origin.error(.ambiguous(keys: candidates.map { prefix + $0.name }))
    }
    found.path.append(chosen.name)
    try find(in: chosen.ref, inside: wrappers)
  }

  /// Takes the tensors of a state dict.
  private mutating func collect(
    _ entries: [(name: String, ref: PickleRef)]
  ) throws(CheckpointError) {
    for entry in entries { try take(entry.name, entry.ref) }
  }

  /// Takes one value if it is a tensor, and notes it otherwise.
  mutating func take(_ name: String, _ ref: PickleRef) throws(CheckpointError) {
    guard name.utf8.count <= Self.maximumNameLength else {
      throw origin.error(.limit(.nameLength, maximum: Self.maximumNameLength))
    }
    // A long prefix on many short names would fill far more memory than the file has bytes.
    try spend(name.utf8.count)
    guard heap.isTensor(ref) || heap.isArray(ref) else { return found.skip(name) }
    guard found.tensors.count < Self.maximumTensors else {
      throw origin.error(.limit(.tensors, maximum: Self.maximumTensors))
    }
    found.add(name, ref)
  }
}

// Looking without taking.
extension TensorFinder {
  func isTensor(_ ref: PickleRef) -> Bool {
    heap.isTensor(ref) || countsArrays && heap.isArray(ref)
  }

  private func isSingleValue(_ ref: PickleRef) -> Bool {
    if case .tensor(let record) = heap[ref] { record.shape.allSatisfy { $0 == 1 } } else { false }
  }

  /// Counts work against its limit.
  mutating func spend(_ count: Int) throws(CheckpointError) {
    work += count + 1
    guard work <= Self.maximumWork else {
      throw origin.error(.limit(.elements, maximum: Self.maximumWork))
    }
  }

  /// The entries of a dictionary that have text for a key, or the numbered items of a list.
  mutating func namedEntries(
    _ ref: PickleRef
  ) throws(CheckpointError) -> [(name: String, ref: PickleRef)]? {
    if let pairs = heap.entries(ref) {
      try spend(pairs.count)
      return pairs.compactMap { pair in heap.text(pair.key).map { ($0, pair.value) } }
    }
    switch heap[ref] {
    case .list(let items), .tuple(let items):
      try spend(items.count)
      return items.enumerated().map { (String($0.offset), $0.element) }
    default: return nil
    }
  }

  /// Whether a value is a module, or a dictionary with tensors in it.
  private mutating func isModel(_ ref: PickleRef) throws(CheckpointError) -> Bool {
    if isModule(ref) { return true }
    guard let pairs = heap.entries(ref) else { return false }
    try spend(pairs.count)
    return pairs.contains { heap.text($0.key) != nil && isTensor($0.value) }
  }

  /// Whether `find` would find tensors in a value, directly or under a usual key.
  private mutating func holdsTensors(
    _ ref: PickleRef, depth: Int = 0
  ) throws(CheckpointError) -> Bool {
    if let known = knownToHold[ref] { return known }
    // Until it is known, a dictionary that contains itself holds nothing new.
    knownToHold[ref] = false
    var holds = try isModel(ref)
    if !holds, depth < Self.maximumWrapperDepth, let entries = try namedEntries(ref) {
      for entry in entries where !holds && Self.wrapperKeys.contains(entry.name) {
        holds = try holdsTensors(entry.ref, depth: depth + 1)
      }
    }
    knownToHold[ref] = holds
    return holds
  }

  /// The value under a key, or under keys with slashes between them.
  private mutating func select(
    _ key: String, in root: PickleRef
  ) throws(CheckpointError) -> (PickleRef, path: [String]) {
    var (ref, rest, path) = (root, key[...], [String]())
    while true {
      let entries = try namedEntries(ref) ?? []
      if let entry = entries.last(where: { $0.name == rest }) {
        return (entry.ref, path + [entry.name])
      }
      let head = rest.prefix { $0 != "/" }
      guard head.count < rest.count, path.count < Self.maximumWrapperDepth,
        let entry = entries.last(where: { $0.name == head })
      else {
        let keys = entries.lazy.map(\.name).filter { $0.utf8.count <= Self.maximumShownKey }
        throw origin.error(.missingKey(key, keys: Array(keys.prefix(Self.maximumShownKeys))))
      }
      ref = entry.ref
      rest = rest.dropFirst(head.count + 1)
      path.append(entry.name)
    }
  }
}
