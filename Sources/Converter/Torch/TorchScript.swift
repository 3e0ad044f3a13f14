import GraphIR

extension TorchFile {
  /// Opens a `torch.jit.save` archive: modules are objects whose attributes are their parts.
  ///
  /// A frozen module has no parts left: its values are then constants of its code, which have
  /// numbers for names there (`CONSTANTS.c0`). After `torch/csrc/jit/serialization`.
  init(script archive: ZipArchive) throws(CheckpointError) {
    let zip = try TorchZip(archive)
    let object = try zip.object()
    var found = try TensorFinder.find(
      inScript: object.root, of: object.heap, origin: zip.origin,
      classes: ScriptClasses(archive, prefix: zip.prefix))
    var notes: [CheckpointNote] = archive.lacksChecksums ? [.noChecksums] : []

    if let constants = try TorchZip.constants(archive) {
      let constantObject = try constants.object()
      let tensors = Self.tensors(in: constantObject)
      if found.tensors.isEmpty, !tensors.isEmpty {
        for (index, ref) in tensors { found.add("constants.c\(index)", ref) }
        notes.append(.frozenConstants(tensors.count))
        self.init(
          constantObject, source: constants, kind: .torchScript, found: found,
          formatVersion: zip.formatVersion, notes: notes)
        return
      }
      if !tensors.isEmpty { notes.append(.leftOutConstants(tensors.count)) }
    }
    guard !found.tensors.isEmpty else {
      throw zip.origin.error(.noTensors(found: object.heap[object.root].kindName))
    }
    self.init(
      object, source: zip, kind: .torchScript, found: found,
      formatVersion: zip.formatVersion, notes: notes)
  }

  private static func tensors(in object: PickledObject) -> [(index: Int, ref: PickleRef)] {
    (object.heap.tuple(object.root) ?? []).enumerated()
      .filter { object.heap.isTensor($0.element) }.map { ($0.offset, $0.element) }
  }
}

extension TensorFinder {
  /// Finds what `state_dict()` of a loaded TorchScript module would return; may be nothing.
  static func find(
    inScript root: PickleRef, of heap: PickleHeap, origin: ByteOrigin, classes: ScriptClasses
  ) throws(CheckpointError) -> FoundTensors {
    var finder = TensorFinder(heap: heap, origin: origin)
    finder.classes = classes
    guard case .object(let object) = heap[root] else {
      throw origin.error(.noTensors(found: heap[root].kindName))
    }
    try finder.walk(module: root)
    finder.found.moduleClass = ScriptClasses.authored(object.className)
    return finder.found
  }

  /// The parts of a TorchScript module, in the order of its attributes: parameters, buffers, then
  /// modules.
  ///
  /// Where the code is not there to tell, every tensor counts as a part.
  mutating func scriptParts(
    _ module: PickleRef, _ attributes: [PicklePair], prefix: String
  ) throws(CheckpointError) -> ModuleParts {
    let entries = attributes.compactMap { pair in heap.text(pair.key).map { ($0, pair.value) } }
    var parts = ModuleParts()
    let declaration = try declaration(of: module)
    if let declaration {
      parts.own = entries.filter { declaration.parameters.contains($0.0) && !isNone($0.1) }
      parts.own += entries.filter { declaration.buffers.contains($0.0) && !isNone($0.1) }
    } else {
      parts.own = entries.filter { isTensor($0.1) }
    }
    for (name, ref) in entries {
      guard case .object(let object) = heap[ref],
        object.className.hasPrefix(ScriptClasses.package + ".")
      else { continue }
      if object.className.hasPrefix(Self.packedClasses) {
        // Weights that only the layer itself can unpack.
        throw CheckpointError(
          file: origin.file, tensor: prefix + name,
          reason: .unsupportedTensor("packed for one processor"))
      } else if try self.declaration(of: ref)?.isModule ?? true {
        parts.modules.append((name, ref))
      }
    }
    return parts
  }

  /// Classes of PyTorch's own that hold weights in a processor's order, quantised for the most part.
  private static let packedClasses = "__torch__.torch.classes."

  private mutating func declaration(
    of module: PickleRef
  ) throws(CheckpointError) -> ScriptClasses.Declaration? {
    guard case .object(let object) = heap[module] else { return nil }
    return try classes?.declaration(of: object.className)
  }
}
