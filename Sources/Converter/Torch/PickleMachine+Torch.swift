import GraphIR

/// The containers, which write persistent ids differently.
enum TorchLayout: Sendable {
  case zip
  case legacy
  case tar
  /// Neither: the small pickles around the object, which have none.
  case plain
}

extension PickleMachine {
  /// Dimensions of a tensor; PyTorch's own limit.
  static var maximumRank: Int { 64 }

  /// What a persistent id stands for: a storage, or in legacy files a class with its source text.
  mutating func loadPersistent(_ ref: PickleRef) throws(CheckpointError) -> PickleRef {
    if layout == .tar { return try loadNumbered(ref) }
    guard layout != .plain, let parts = heap.tuple(ref), let kind = parts.first.flatMap(word)
    else { throw error(.invalidPersistentID(.notATuple)) }
    switch (kind, layout, parts.count) {
    case ("module", .legacy, 2...):
      // ('module', class, file, source): the source text is never looked at.
      return parts[1]
    case ("storage", .zip, 5), ("storage", .legacy, 5), ("storage", .legacy, 6):
      return try add(.storage(try storageReference(parts)))
    default:
      throw error(.invalidPersistentID(.unknownKind(kind, parts: parts.count)))
    }
  }

  /// The number of a storage or tensor, or (class, file, source) as the first use of a class.
  private mutating func loadNumbered(_ ref: PickleRef) throws(CheckpointError) -> PickleRef {
    if let parts = heap.tuple(ref), let first = parts.first { return first }
    guard let number = heap.integer(ref) ?? word(ref).flatMap({ Int($0) }),
      let object = objects[number]
    else { throw error(.invalidPersistentID(.unknownNumber)) }
    return try add(object)
  }

  /// ('storage', class, key, location, element count[, view]).
  private func storageReference(
    _ parts: [PickleRef]
  ) throws(CheckpointError) -> StorageReference {
    guard case .global(.storage(let element)) = heap[parts[1]] else {
      throw error(
        .invalidPersistentID(.notAStorageClass(found: heap[parts[1]].kindName)))
    }
    guard let key = word(parts[2]), let count = heap.integer(parts[4]), count >= 0 else {
      throw error(.invalidPersistentID(.missingKeyOrCount))
    }
    var reference = StorageReference(element: element, key: key, elementCount: count)
    guard parts.count == 6, let view = heap.tuple(parts[5]) else { return reference }
    // (key of the view, offset, element count).
    guard view.count == 3, let offset = heap.integer(view[1]), let length = heap.integer(view[2]),
      offset >= 0, length >= 0, offset <= count, length <= count - offset
    else { throw error(.invalidPersistentID(.viewOutOfBounds)) }
    reference.view = offset..<offset + length
    return reference
  }

  /// A short word: files from Python 2 hold some of them as bytes.
  private func word(_ ref: PickleRef) -> String? {
    switch heap[ref] {
    case .text(let text): text
    case .bytes(let range): reader.text(range)
    default: nil
    }
  }

  /// What a rebuilding function would return, as a record.
  mutating func makeTensor(
    _ rebuild: TensorRebuild, _ arguments: [PickleRef]
  ) throws(CheckpointError) -> PickleRef {
    switch rebuild {
    case .unsupported(let name): return try add(.unsupportedTensor(name))
    case .wrapped:
      guard let inner = arguments.first else {
        throw error(.invalidRebuild(.missingArguments(found: 0)))
      }
      return isTensor(inner) ? inner : try add(.unsupportedTensor(heap[inner].kindName))
    case .subclass:
      guard arguments.count >= 3, case .global(.rebuild(let inner)) = heap[arguments[0]],
        let list = heap.tuple(arguments[2])
      else { return try add(.unsupportedTensor("subclassed")) }
      // One level only: a subclass of a subclass would not end.
      guard inner != .subclass else {
        throw error(.invalidRebuild(.nestedSubclass))
      }
      return try makeTensor(inner, list)
    case .strided, .stridedTyped:
      return try add(try stridedTensor(rebuild, arguments))
    }
  }

  private func stridedTensor(
    _ rebuild: TensorRebuild, _ arguments: [PickleRef]
  ) throws(CheckpointError) -> PickleValue {
    guard arguments.count >= (rebuild == .stridedTyped ? 7 : 4) else {
      throw error(.invalidRebuild(.missingArguments(found: arguments.count)))
    }
    guard case .storage(let storage) = heap[arguments[0]] else {
      throw error(.invalidRebuild(.notAStorage(found: heap[arguments[0]].kindName)))
    }
    guard let offset = heap.integer(arguments[1]) else {
      throw error(.invalidRebuild(.invalidOffset))
    }
    let shape = try extents(arguments[2])
    let strides = try extents(arguments[3])
    guard shape.count == strides.count else {
      throw error(.rankMismatch(shape: shape.count, strides: strides.count))
    }
    // What PyTorch puts off: values that are to be negated or conjugated when they are read.
    if let metadata = arguments.dropFirst(rebuild == .stridedTyped ? 7 : 6).first,
      let pairs = heap.entries(metadata),
      ["conj", "neg"].contains(where: { name in
        heap.value(name, in: pairs).flatMap(heap.integer).map { $0 != 0 } ?? false
      })
    {
      return .unsupportedTensor("lazily negated or conjugated")
    }
    guard offset >= 0, (shape + strides).allSatisfy({ $0 >= 0 }) else {
      throw error(.negativeGeometry(offset: offset, shape: shape, strides: strides))
    }
    let dtype: DType
    switch (rebuild, storage.element) {
    case (.stridedTyped, _):
      switch heap[arguments[6]] {
      case .global(.dtype(let named)): dtype = named
      case .global(.opaque(let name)): return .unsupportedElement(name)
      default: throw error(.invalidRebuild(.noElementType))
      }
    case (_, .typed(let element)): dtype = element
    case (_, .untyped): dtype = .uint8
    case (_, .quantized(let name, _)): return .unsupportedTensor(name)
    }
    return .tensor(
      TensorRecord(
        storage: storage, dtype: dtype, offset: offset, shape: shape, strides: strides))
  }

  private func extents(_ ref: PickleRef) throws(CheckpointError) -> [Int] {
    // The count is checked first: a million extents must not be read over and over.
    guard heap[ref].elementCount <= Self.maximumRank else {
      throw error(.limit(.rank, maximum: Self.maximumRank))
    }
    guard let numbers = heap.integers(ref) else {
      throw error(.invalidRebuild(.invalidExtents))
    }
    return numbers
  }
}
