extension PickleMachine {
  mutating func executeObject(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .global:
      let module = try readLine(limit: PickleLimits.name)
      let name = try readLine(limit: PickleLimits.name)
      try pushGlobal(module: module, name: name)
    case .stackGlobal:
      let name = heap.text(try pop())
      let module = heap.text(try pop())
      guard let module, let name else { throw expected(.names) }
      // Text may be megabytes long, and a class keeps a name of its own.
      guard max(module.utf8.count, name.utf8.count) <= PickleLimits.name else {
        throw error(.limit(.textLength, maximum: PickleLimits.name))
      }
      try pushGlobal(module: module, name: name)
    case .reduce:
      let arguments = try pop()
      let callee = try pop()
      guard let list = heap.tuple(arguments) else { throw expected(.arguments) }
      try push(try reduce(callee, arguments, list))
    case .newObj:
      let arguments = try pop()
      try push(try make(try pop(), arguments))
    case .newObjEx:
      _ = try pop()
      let arguments = try pop()
      try push(try make(try pop(), arguments))
    case .inst:
      // Python 2 made objects of its old classes so: a name, and arguments down to a mark.
      let module = try readLine(limit: PickleLimits.name)
      let name = try readLine(limit: PickleLimits.name)
      let arguments = try add(.tuple(try popToMark()))
      try pushGlobal(module: module, name: name)
      try push(try make(try pop(), arguments))
    case .obj:
      let items = try popToMark()
      guard let first = items.first else { throw expected(.names) }
      try push(try make(first, try add(.tuple(Array(items.dropFirst())))))
    case .build:
      let state = try pop()
      try build(try top(), state: state)
    case .binPersID:
      try push(try loadPersistent(try pop()))
    default: preconditionFailure("\(opcode) is no object instruction")
    }
  }

  private mutating func pushGlobal(module: String, name: String) throws(CheckpointError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw error(.forbiddenName("\(module).\(name)"))
    }
    try push(.global(global))
  }

  /// A new object of a class: a record of the call, or the tensor that a parameter is made of.
  private mutating func make(
    _ callee: PickleRef, _ arguments: PickleRef
  ) throws(CheckpointError) -> PickleRef {
    if case .global(.parameter) = heap[callee], let first = heap.tuple(arguments)?.first,
      isTensor(first)
    {
      return first
    }
    return try add(.object(PickleObject(className: className(callee), arguments: arguments)))
  }

  /// The name of the class that an object is made of.
  func className(_ ref: PickleRef) -> String {
    if case .global(let global) = heap[ref] { global.name } else { "unknown" }
  }

  /// What calling `callee` stands for, where that is known; else an opaque record of the call.
  private mutating func reduce(
    _ callee: PickleRef, _ arguments: PickleRef, _ list: [PickleRef]
  ) throws(CheckpointError) -> PickleRef {
    guard case .global(let global) = heap[callee] else {
      return try add(.object(PickleObject(className: "unknown", arguments: arguments)))
    }
    switch global {
    case .dictionary: return try add(.dictionary(try entries(list)))
    case .set: return try add(.set(list.first.flatMap(elements) ?? []))
    case .tuple: return try add(.tuple(list.first.flatMap(elements) ?? []))
    case .parameter where list.first.map(isTensor) == true: return list[0]
    case .rebuild(let rebuild): return try makeTensor(rebuild, list)
    case .encode:
      // Protocol 2 writes bytes as latin-1 text to be encoded; other codecs have no use here.
      guard list.count == 2, heap.text(list[1]) == "latin1" else {
        throw error(.forbiddenName("\(global.name) with a codec other than latin1"))
      }
    case .newObject where !list.isEmpty:
      // Protocols 0 and 1 write NEWOBJ as a call.
      return try make(list[0], try add(.tuple(Array(list.dropFirst()))))
    case .reconstructor where !list.isEmpty:
      // Protocols 0 and 1 make objects as _reconstructor(class, base, state).
      return try add(.object(PickleObject(className: className(list[0]), arguments: arguments)))
    default: break
    }
    return try add(.object(PickleObject(className: global.name, arguments: arguments)))
  }

  private mutating func build(_ target: PickleRef, state: PickleRef) throws(CheckpointError) {
    guard case .object(var object) = heap[target] else {
      // An OrderedDict carries `_metadata`, a parameter its attributes: neither matters here.
      return
    }
    if object.className == PickleGlobal.parameter.name, let parts = heap.tuple(state),
      let first = parts.first, isTensor(first)
    {
      // Before 0.4 a parameter was an object whose state is (tensor, requires_grad, hooks).
      heap.replace(target, with: heap[first])
      return
    }
    object.state = state
    heap.replace(target, with: .object(object))
  }

  func isTensor(_ ref: PickleRef) -> Bool { heap.isTensor(ref) }

  private func elements(_ ref: PickleRef) -> [PickleRef]? {
    switch heap[ref] {
    case .list(let items), .tuple(let items), .set(let items): items
    default: nil
    }
  }

  /// What a dictionary is made of: another one, or Python 2's list of pairs.
  private func entries(_ list: [PickleRef]) throws(CheckpointError) -> [PicklePair] {
    guard let first = list.first else { return [] }
    if let pairs = heap.entries(first) { return pairs }
    guard let items = elements(first) else { return [] }
    var pairs: [PicklePair] = []
    for item in items {
      guard let pair = elements(item), pair.count == 2 else {
        throw expected(.pairs)
      }
      pairs.append(PicklePair(key: pair[0], value: pair[1]))
    }
    return pairs
  }
}
