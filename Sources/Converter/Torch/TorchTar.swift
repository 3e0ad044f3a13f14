import GraphIR

/// The tar archives that PyTorch wrote before 0.1.10: `storages`, `tensors` and `pickle`.
///
/// After `legacy_load` in `torch/serialization.py`. Storages and tensors are numbered, and the
/// pickle refers to both by number. `storages` is a count, for each a pickled (number, location,
/// class), the element count (64 bits) and the bytes; then a pickled list of views. `tensors` is a
/// count, and for each a pickled (number, storage, class), the rank, sizes, strides and the offset.
struct TorchTar: StorageFile {
  let origin: ByteOrigin
  let isBigEndian = false
  let byteCount: Int
  let object: PickledObject
  let file: ByteStorage
  let ranges: [String: Range<Int>]

  /// The members that make a tar archive one of PyTorch's; there is a `sys_info` too.
  static let members = ["storages", "tensors", "pickle"]

  init(_ storage: ByteStorage, name: String) throws(CheckpointError) {
    file = storage
    let origin = ByteOrigin(file: name)
    self.origin = origin
    let archive = try TarArchive(storage, file: name)
    func member(_ name: String) throws(CheckpointError) -> TarMember {
      guard let range = archive.members[name] else { throw origin.error(.missingMember(name)) }
      return TarMember(name, at: range, of: storage, origin)
    }
    var records = TarRecords()
    try records.readStorages(try member("storages"))
    try records.readTensors(try member("tensors"))
    ranges = records.ranges
    byteCount = records.byteCount
    var machine = PickleMachine(
      try member("pickle").reader, layout: .tar, objects: records.objects)
    object = try PickledObject(&machine)
  }
}
