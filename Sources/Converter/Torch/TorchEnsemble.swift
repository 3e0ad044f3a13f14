import GraphIR

/// A plain zip archive whose entries are checkpoints of their own, as ensembles are published.
///
/// One member is open at a time: a compressed one is inflated whole. Archives within members are
/// those of PyTorch, nothing deeper.
package struct TorchEnsemble {
  struct Member {
    /// The entry's path in the archive.
    let path: String
    /// The path without the extension: what goes before the names of its tensors.
    let name: String
  }

  let members: [Member]
  private let archive: ZipArchive

  /// Members of one archive; the largest published ensemble has 90.
  package static let maximumMembers = 1_024
  /// Entries of an archive that is looked through for checkpoints.
  private static let maximumEntries = 1 << 13
  /// Bytes at the head of an entry that tell what it is: one block of a tar archive.
  private static let headSize = 512
  /// What people call checkpoints; the longest that fits is taken off.
  private static let extensions = [".pth.tar", ".pt.tar", ".pth", ".pt", ".ckpt", ".bin", ".tar"]

  init(_ archive: ZipArchive) throws(CheckpointError) {
    let paths = try Self.paths(in: archive)
    guard paths.count <= Self.maximumMembers else {
      throw archive.origin.error(.limit(.members, maximum: Self.maximumMembers))
    }
    let names = paths.map(Self.withoutExtension)
    // Two files that differ by their extension alone keep it.
    let isUnique = Set(names).count == names.count
    self.archive = archive
    members = zip(paths, names).map { Member(path: $0, name: isUnique ? $1 : $0) }
  }

  /// The entries that look like checkpoints; there may be none.
  static func paths(in archive: ZipArchive) throws(CheckpointError) -> [String] {
    guard archive.names.count <= maximumEntries else { return [] }
    var paths: [String] = []
    for name in archive.names where !isClutter(name) {
      if FileKind.mayBeCheckpoint(try archive.head(of: name, count: headSize)) {
        paths.append(name)
      }
    }
    return paths
  }

  /// Opens one member; nil where it turns out to be something else.
  ///
  /// To list its tensors it need not be verified, which would read it whole.
  private func open(
    _ member: Member, isVerified: Bool = false
  ) throws(CheckpointError) -> TorchFile? {
    let storage = try archive.read(member.path, verifyingViews: isVerified).block
    let file = "\(archive.origin.file)/\(member.path)"
    let kind = try FileKind.sniff(storage, file: file, isMember: true)
    switch kind {
    case .pyTorchZip, .pyTorchLegacy, .pyTorchTar, .torchScript:
      return try TorchFile(storage, kind, file: file, isMember: true)
    default: return nil
    }
  }

  /// Opens a member that was listed before, for its values.
  func reopen(_ member: Member) throws(CheckpointError) -> TorchFile {
    // Somebody may have written into the mapped file meanwhile.
    guard let file = try open(member, isVerified: true) else {
      throw archive.origin.error(.unsupportedKind(.zip))
    }
    return file
  }

  /// Folders, and what macOS adds to archives.
  private static func isClutter(_ path: String) -> Bool {
    path.hasSuffix("/") || path.hasPrefix("__MACOSX/")
  }

  private static func withoutExtension(_ path: String) -> String {
    guard let found = extensions.first(where: { path.hasSuffix($0) }) else { return path }
    let name = path.dropLast(found.count)
    return name.isEmpty || name.hasSuffix("/") ? path : String(name)
  }
}

/// The tensors of all members, under their members' names.
extension TorchEnsemble {
  /// Opens the members that a key chooses, all for nil, and finds the tensors of each.
  ///
  /// A key is a member's path or name, perhaps with a slash and a key within it.
  func contents(key: String?) throws(CheckpointError) -> (TorchContents, members: [Member]) {
    if let key { return try contents(of: key) }
    var opened: [(member: Member, contents: TorchContents)] = []
    var skipped: [String] = []
    var count = 0
    // An ensemble of a hundred networks has a hundred times their tensors, and the bytes for them.
    let maximumTensors = TensorFinder.maximumTensors + (archive.origin.fileSize ?? 0) / 1_024
    for member in members {
      guard let file = try open(member) else {
        skipped.append(member.path)
        continue
      }
      let contents = try file.contents(key: nil, copyFloor: TensorLimits.memberCopyFloor)
      count += contents.items.count
      guard count <= maximumTensors else {
        throw archive.origin.error(.limit(.tensors, maximum: maximumTensors))
      }
      opened.append((member, contents))
    }
    guard let first = opened.first else { throw archive.origin.error(.unsupportedKind(.zip)) }
    if opened.count == 1 { return (first.contents.inside(first.member, key: nil), [first.member]) }

    var items: [TorchContents.Item] = []
    for (index, part) in opened.enumerated() {
      items += part.contents.items.map { item in
        TorchContents.Item(
          name: "\(part.member.name)/\(item.name)", fullName: item.fullName, record: item.record,
          array: item.array, member: index)
      }
    }
    // `b/c` of `a.pt` and `c` of `a/b.pt` would be one.
    var names: Set<String> = []
    for item in items where !names.insert(item.name).inserted {
      throw archive.origin.error(.duplicateEntry).naming(item.name)
    }
    var notes: [CheckpointNote] = skipped.isEmpty ? [] : [.skippedEntries(skipped)]
    for note in opened.flatMap(\.contents.summary.notes) where !notes.contains(note) {
      notes.append(note)
    }
    func shared<Value: Equatable>(_ path: KeyPath<CheckpointSummary, Value>) -> Value? {
      let value = first.contents.summary[keyPath: path]
      return opened.allSatisfy { $0.contents.summary[keyPath: path] == value } ? value : nil
    }
    var tables: [String: [String: Int]] = [:]
    for part in opened {
      for (key, table) in part.contents.summary.tables {
        tables["\(part.member.name)/\(key)"] = table
      }
    }
    let summary = CheckpointSummary(
      kind: .pyTorchEnsemble, moduleClass: shared(\.moduleClass) ?? nil, key: nil,
      strippedPrefix: shared(\.strippedPrefix) ?? "", formatVersion: nil,
      producer: shared(\.producer) ?? nil, notes: notes, members: opened.map(\.member.path),
      tables: tables)
    return (TorchContents(items: items, summary: summary), opened.map(\.member))
  }

  private func contents(
    of key: String
  ) throws(CheckpointError) -> (TorchContents, members: [Member]) {
    // A member's name may begin another's.
    for isPath in [true, false] {
      for member in members {
        let name = isPath ? member.path : member.name
        guard key == name || key.hasPrefix(name + "/"), let file = try open(member) else {
          continue
        }
        let inner = key == name ? nil : String(key.dropFirst(name.count + 1))
        return (try file.contents(key: inner).inside(member, key: inner), [member])
      }
    }
    throw archive.origin.error(.missingKey(key, keys: Array(members.map(\.path).prefix(64))))
  }
}

extension TorchContents {
  /// The same tensors, found inside a member of an archive.
  fileprivate func inside(_ member: TorchEnsemble.Member, key: String?) -> TorchContents {
    var summary = summary
    summary.key = ([member.path] + (summary.key.map { [$0] } ?? [])).joined(separator: "/")
    summary.members = [member.path]
    return TorchContents(items: items, summary: summary)
  }
}
