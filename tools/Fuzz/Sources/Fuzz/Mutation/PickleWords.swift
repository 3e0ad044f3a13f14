/// Instructions and names that PyTorch's pickles are made of.
enum PickleWords {
  /// Names as GLOBAL writes them: module, line feed, name, line feed.
  static let globals: [[UInt8]] = names.map { Array(($0.module + "\n" + $0.name + "\n").utf8) }

  /// Texts that a reader compares with something.
  static let texts: [[UInt8]] = words.map { Array($0.utf8) }

  private static let names: [(module: String, name: String)] = {
    let rebuilders = [
      "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_parameter",
      "_rebuild_parameter_with_state", "_rebuild_device_tensor_from_cpu_tensor",
      "_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage",
      "_rebuild_wrapper_subclass", "_rebuild_nested_tensor",
    ]
    let storages = [
      "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage",
      "IntStorage", "ByteStorage", "BoolStorage", "ComplexDoubleStorage", "UntypedStorage",
      "QInt8Storage", "QInt32Storage",
    ]
    let types = ["float32", "float16", "int64", "bool", "complex128", "float8_e4m3fn", "Size"]
    return rebuilders.map { ("torch._utils", $0) } + storages.map { ("torch", $0) }
      + types.map { ("torch", $0) } + [
        ("torch._tensor", "_rebuild_from_type_v2"), ("torch.nn.parameter", "Parameter"),
        ("torch.nn.modules.linear", "Linear"), ("torch.nn.modules.container", "Sequential"),
        ("collections", "OrderedDict"), ("collections", "defaultdict"), ("_codecs", "encode"),
        ("copy_reg", "_reconstructor"), ("__builtin__", "set"), ("builtins", "dict"),
        ("builtins", "tuple"), ("builtins", "eval"), ("os", "system"), ("numpy", "dtype"),
        ("numpy.core.multiarray", "scalar"), ("argparse", "Namespace"),
      ]
  }()

  private static let words = [
    "storage", "module", "cpu", "cuda:0", "0", "1", "2", "latin1", "_parameters", "_buffers",
    "_modules", "_non_persistent_buffers_set", "state_dict", "model", "model_state_dict", "net",
    "module.", "model.", "weight", "bias", "pytorch-lightning_version", "training", "",
  ]

  static func global(_ name: [UInt8]) -> [UInt8] { [0x63] + name }
  static func text(_ text: [UInt8]) -> [UInt8] { [0x58] + little(UInt32(text.count)) + text }
  static func int(_ value: Int) -> [UInt8] { [0x8a, 8] + little(value) }

  /// Any one instruction.
  static func instruction(_ random: inout RandomSource) -> [UInt8] {
    switch random.below(8) {
    case 0: global(random.pick(globals))
    case 1: text(random.pick(texts))
    case 2: int(random.number())
    case 3: [0x68, UInt8(random.below(64))]
    case 4: [0x71, UInt8(random.below(64))]
    case 5: [0x4b, UInt8(random.below(256))]
    default:
      [
        random.pick(
          Array("()[]{}NtRQbesuald012".utf8) + [
            0x81, 0x85, 0x86, 0x87, 0x88, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94,
          ])
      ]
    }
  }

  /// A few instructions that make sense together: a tensor, a module, a dictionary.
  static func snippet(_ random: inout RandomSource) -> [[UInt8]] {
    let open: [UInt8] = [0x28]
    switch random.below(4) {
    case 0:
      let storage =
        [open, text(Array("storage".utf8)), global(random.pick(globals)), text(random.pick(texts))]
        + [text(Array("cpu".utf8)), int(random.below(40)), [0x74], [0x51]]
      let rebuild = global(random.pick(globals))
      let geometry = [int(random.below(4)), open] + extents(&random) + [[0x74], open]
      return [rebuild, open] + storage + geometry + extents(&random)
        + [[0x74], [0x89], [0x7d], [0x74], [0x52]]
    case 1:
      return [
        global(Array("torch.nn.modules.linear\nLinear\n".utf8)), [0x29], [0x81], [0x7d], open,
        text(Array("_parameters".utf8)), [0x7d], text(Array("_modules".utf8)), [0x7d], [0x75],
        [0x62],
      ]
    case 2: return [text(random.pick(texts)), [0x68, UInt8(random.below(64))], [0x73]]
    default: return [[0x7d], open, text(random.pick(texts)), [0x4e], [0x75]]
    }
  }

  private static func extents(_ random: inout RandomSource) -> [[UInt8]] {
    let count = random.below(4)
    return (0..<count).map { _ in int(random.oneIn(4) ? random.number() : random.below(5)) }
  }
}
