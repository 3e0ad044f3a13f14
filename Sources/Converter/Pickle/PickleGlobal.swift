import GraphIR

/// A class or function that a pickle names: one of the few that mean something here, or a name.
///
/// Nothing is looked up or imported. Names that serve attacks are refused where they are read;
/// every other unknown name is kept as text, so that whole modules and trainer checkpoints, which
/// are full of foreign classes, can be read without running any of them.
enum PickleGlobal: Hashable, Sendable {
  case dictionary
  case set
  case tuple
  case encode
  case reconstructor
  case newObject
  case parameter
  case storage(StorageElement)
  case dtype(DType)
  case rebuild(TensorRebuild)
  case opaque(String)

  /// Resolves a name against the exact lists; nil where it is forbidden.
  init?(module: String, name: String) {
    if let known = Self.known["\(module) \(name)"] {
      self = known
    } else if ForbiddenNames.contains(module: module, name: name) {
      return nil
    } else {
      self = .opaque("\(module).\(name)")
    }
  }

  /// The name as Python writes it, for error messages and for the class of a whole module.
  var name: String {
    switch self {
    case .dictionary: "collections.OrderedDict"
    case .set: "builtins.set"
    case .tuple: "torch.Size"
    case .encode: "_codecs.encode"
    case .reconstructor: "copyreg._reconstructor"
    case .newObject: "copyreg.__newobj__"
    case .parameter: "torch.nn.parameter.Parameter"
    case .storage(let element): "torch storage of \(element.name)"
    case .dtype(let dtype): "torch dtype \(dtype.rawValue)"
    case .rebuild(let rebuild): "torch._utils.\(rebuild)"
    case .opaque(let name): name
    }
  }

  private static let known: [String: PickleGlobal] = {
    var table: [String: PickleGlobal] = [
      "collections OrderedDict": .dictionary,
      "collections defaultdict": .dictionary,
      "_codecs encode": .encode,
      "copy_reg _reconstructor": .reconstructor,
      "copyreg _reconstructor": .reconstructor,
      "copy_reg __newobj__": .newObject,
      "copyreg __newobj__": .newObject,
      "torch Size": .tuple,
      "torch.nn.parameter Parameter": .parameter,
      "torch.nn Parameter": .parameter,
      "torch.autograd.variable Variable": .parameter,
      "torch.autograd Variable": .parameter,
    ]
    for module in ["builtins", "__builtin__"] {
      table["\(module) dict"] = .dictionary
      table["\(module) set"] = .set
      table["\(module) frozenset"] = .set
      table["\(module) tuple"] = .tuple
    }
    for (name, element) in StorageElement.classes {
      for module in ["torch", "torch.cuda", "torch.storage"] {
        table["\(module) \(name)"] = .storage(element)
      }
    }
    for (name, dtype) in DType.torchNames { table["torch \(name)"] = .dtype(dtype) }
    for (name, rebuild) in TensorRebuild.functions { table[name] = .rebuild(rebuild) }
    return table
  }()
}
