/// What a module consists of, by name.
struct ModuleParts {
  /// Parameters, then buffers.
  var own: [(name: String, ref: PickleRef)] = []
  var modules: [(name: String, ref: PickleRef)] = []
}

extension TensorFinder {
  /// Modules inside modules; PyTorch itself recurses, and Python ends at 1,000.
  package static var maximumModuleDepth: Int { 128 }
  /// Modules visited, those that are reached twice counted twice.
  package static var maximumModules: Int { 1 << 17 }

  /// Whether a value is an object with the attributes of a `torch.nn.Module`.
  func isModule(_ ref: PickleRef) -> Bool {
    // Every module has them from its constructor on, so they are among its first attributes; the
    // window keeps a huge foreign object from being searched again and again.
    guard let attributes = heap.attributes(ref)?.prefix(64) else { return false }
    return attributes.contains {
      ["_parameters", "_modules"].contains(heap.text($0.key)) && heap.entries($0.value) != nil
    }
  }

  /// Takes what `module.state_dict()` would return, in its order: a module's own parameters and
  /// buffers, then those of its children with their name and a dot in front.
  mutating func walk(module: PickleRef) throws(CheckpointError) {
    if case .object(let object) = heap[module] { found.moduleClass = object.className }
    var visited = 0
    try walk(module, prefix: "", ancestors: [], visited: &visited)
  }

  private mutating func walk(
    _ module: PickleRef, prefix: String, ancestors: Set<PickleRef>, visited: inout Int
  ) throws(CheckpointError) {
    guard !ancestors.contains(module) else { throw origin.error(.cyclicModules(path: prefix)) }
    guard ancestors.count < Self.maximumModuleDepth else {
      throw origin.error(.limit(.moduleDepth, maximum: Self.maximumModuleDepth))
    }
    visited += 1
    guard visited <= Self.maximumModules else {
      throw origin.error(.limit(.modules, maximum: Self.maximumModules))
    }
    guard let attributes = heap.attributes(module) else { return found.skip(prefix) }
    try spend(attributes.count)
    let parts =
      classes == nil
      ? try pickledParts(attributes) : try scriptParts(module, attributes, prefix: prefix)
    for entry in parts.own { try take(prefix + entry.name, entry.ref) }
    for entry in parts.modules {
      let name = prefix + entry.name
      guard name.utf8.count < Self.maximumNameLength else {
        throw origin.error(.limit(.nameLength, maximum: Self.maximumNameLength))
      }
      try walk(
        entry.ref, prefix: name + ".", ancestors: ancestors.union([module]), visited: &visited)
    }
  }

  private mutating func pickledParts(
    _ attributes: [PicklePair]
  ) throws(CheckpointError) -> ModuleParts {
    let transient = try transientBuffers(attributes)
    let buffers = try children("_buffers", of: attributes).filter { !transient.contains($0.name) }
    return ModuleParts(
      own: try children("_parameters", of: attributes) + buffers,
      modules: try children("_modules", of: attributes))
  }

  /// The entries of a module's dictionary; absent ones, such as a layer's missing bias, are kept
  /// there as None.
  private mutating func children(
    _ attribute: String, of attributes: [PicklePair]
  ) throws(CheckpointError) -> [(name: String, ref: PickleRef)] {
    guard let ref = heap.value(attribute, in: attributes) else { return [] }
    return try (namedEntries(ref) ?? []).filter { !isNone($0.ref) }
  }

  func isNone(_ ref: PickleRef) -> Bool {
    if case .none = heap[ref] { true } else { false }
  }

  /// Buffers that the module keeps out of its state; known since PyTorch 1.6.
  private mutating func transientBuffers(
    _ attributes: [PicklePair]
  ) throws(CheckpointError) -> Set<String> {
    guard let ref = heap.value("_non_persistent_buffers_set", in: attributes),
      case .set(let items) = heap[ref]
    else { return [] }
    try spend(items.count)
    return Set(items.compactMap(heap.text))
  }
}
