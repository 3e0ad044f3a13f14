import DenseNetPlugin
import GraphIR
import ModelKit

extension CheXpert {
  /// Reads the configuration off canonical names and shapes.
  public static func recognize(_ tensors: [String: Shape]) -> Configuration? {
    let members = tensors.count { Group.ones.prefix(of: $0) + "classifier.weight" }
    guard members > 0,
      let network = DenseNet.recognizeBackbone(tensors, prefix: Group.ones.prefix(of: 0)),
      Group.allCases.allSatisfy({ tensors[$0.prefix(of: 0) + "classifier.weight"] != nil })
    else { return nil }
    return Configuration(
      inputChannels: network.inputChannels, initialFeatures: network.initialFeatures,
      growthRate: network.growthRate, blocks: network.blocks,
      bottleneckFactor: network.bottleneckFactor, members: members)
  }

  /// Knows its own names, those of the published archive's members wherever its folder lies, and
  /// `GROUP/NUMBER/…` for smaller ensembles.
  public static func role(ofKey key: String) -> KeyRole {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return ownRole(key) }
    let (folder, file, name) = (parts[parts.count - 3], parts[parts.count - 2], parts.last ?? "")
    let place: Place
    if let group = Group(rawValue: String(folder)), let member = number(file) {
      place = Place(group: group, member: member)
    } else if let published = PublishedMembers.places["\(folder)/\(file)"] {
      place = published
    } else {
      // Checkpoints beside those that upstream's list names.
      return PublishedMembers.folders.contains(String(folder)) ? .ignored : .unknown
    }
    guard case .parameter(let parameter) = DenseNet.role(ofKey: String(name)) else {
      return DenseNet.role(ofKey: String(name))
    }
    let canonical = place.group.prefix(of: place.member) + parameter
    guard parameter.hasPrefix("classifier.") else { return .parameter(canonical) }
    // A classifier has a row (or three) for each of upstream's tasks, in an order of its own.
    return .rows(
      of: canonical,
      RowSelection(
        table: parts.dropLast().joined(separator: "/") + "/task_sequence",
        entries: place.group.findings.map(\.rawValue), width: place.group.width))
  }

  /// A group and a number in it.
  struct Place {
    let group: Group
    let member: Int
  }

  /// The role of a canonical name, `GROUP.NUMBER.…`.
  private static func ownRole(_ key: String) -> KeyRole {
    let parts = key.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let group = Group(rawValue: String(parts[0])),
      let member = number(parts[1])
    else { return .unknown }
    switch DenseNet.role(ofKey: String(parts[2])) {
    case .parameter(let name): return .parameter(group.prefix(of: member) + name)
    case .ignored: return .ignored
    default: return .unknown
    }
  }

  /// A member's number, written in the one way that numbers are.
  private static func number(_ text: Substring) -> Int? {
    Int(text).flatMap { $0 >= 0 && String($0) == text ? $0 : nil }
  }
}

/// Which checkpoints of the published archive belong to a group, and in which order.
///
/// They lie in three folders a group, one a training run, ten of each run's iterations in the order
/// of upstream's `predict_configs.json`.
enum PublishedMembers {
  private static let folderPrefix = "DenseNet121_320_1e-04_uncertainty_"
  private static let runs = ["_top10", "_top10_2", "_top10_3"]
  private static let filePrefix = "iter_"

  private static let iterations: [CheXpert.Group: [[Int]]] = [
    .ones: [
      [336000, 384000, 254400, 273600, 465600, 360000, 638400, 470400, 566400, 379200],
      [331200, 336000, 662400, 590400, 292800, 408000, 57600, 446400, 393600, 475200],
      [643200, 508800, 163200, 585600, 432000, 571200, 436800, 662400, 336000, 192000],
    ],
    .threeClass: [
      [652800, 350400, 403200, 196800, 379200, 537600, 81600, 595200, 513600, 576000],
      [340800, 345600, 465600, 662400, 609600, 561600, 528000, 326400, 552000, 628800],
      [134400, 667200, 499200, 331200, 230400, 648000, 585600, 561600, 441600, 470400],
    ],
    .selfTrained: [
      [100800, 316800, 465600, 384000, 427200, 537600, 412800, 110400, 312000, 523200],
      [571200, 292800, 484800, 556800, 345600, 369600, 264000, 470400, 177600, 408000],
      [312000, 657600, 508800, 412800, 264000, 345600, 158400, 595200, 590400, 667200],
    ],
  ]

  /// By folder and file, without extension.
  static let places: [String: CheXpert.Place] = {
    var places = [String: CheXpert.Place]()
    for (group, runs) in iterations {
      for (folder, numbers) in zip(folders(of: group), runs) {
        for number in numbers {
          let member = places.count { $0.value.group == group }
          places["\(folder)/\(filePrefix)\(number)"] = CheXpert.Place(group: group, member: member)
        }
      }
    }
    return places
  }()

  /// The folders of all groups.
  static let folders = Set(CheXpert.Group.allCases.flatMap(folders(of:)))

  private static func folders(of group: CheXpert.Group) -> [String] {
    runs.map { folderPrefix + group.rawValue + $0 }
  }
}
