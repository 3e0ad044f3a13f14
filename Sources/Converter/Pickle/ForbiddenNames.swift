/// Names that a weight file has no use for and an attack has.
///
/// Reading would be safe without this list, as nothing is ever called; it is there so that a
/// malicious file is reported as what it is instead of being converted.
enum ForbiddenNames {
  static func contains(module: String, name: String) -> Bool {
    if harmless.contains("\(module) \(name)") { return false }
    if harmlessModules.contains(module), !name.contains(".") { return false }
    if module.isEmpty || modules.contains(module) || isInPackage(module) { return true }
    // Protocol 4 lets a name walk through attributes: `torch.serialization` `os.system`.
    let steps = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if steps.dropLast().contains(where: { modules.contains($0) || packages.contains($0) }) {
      return true
    }
    if prefixes.contains(where: { module == $0 || module.hasPrefix($0 + ".") }) { return true }
    if builtinModules.contains(module) { return builtins.contains(steps.last ?? "") }
    return functions.contains("\(module) \(name)")
  }

  private static func isInPackage(_ module: String) -> Bool {
    packages.contains(String(module.prefix { $0 != "." }))
  }

  /// Modules of the standard library that are no packages; somebody's own `code.models` is fine.
  private static let modules: Set<String> = [
    "posix", "nt", "sys", "subprocess", "runpy", "shutil", "socket", "_ctypes", "pickle",
    "_pickle", "cPickle", "marshal", "types", "code", "codeop", "webbrowser", "pty", "commands",
    "popen2", "_posixsubprocess", "timeit", "cProfile", "profile", "pdb", "bdb", "trace",
    "pkgutil", "imp", "zipimport", "signal", "atexit", "platform", "urllib2", "ftplib", "smtplib",
    "telnetlib", "doctest", "pydoc", "cgitb", "site", "ensurepip", "_osx_support", "_aix_support",
  ]

  /// Packages, with everything below them.
  private static let packages: Set<String> = [
    "os", "importlib", "ctypes", "multiprocessing", "asyncio", "urllib", "http", "requests", "pip",
    "dill", "cloudpickle", "joblib", "idlelib", "lib2to3", "distutils", "setuptools", "venv",
  ]

  /// Modules of PyTorch and NumPy that load code or further files.
  private static let prefixes = [
    "torch.utils", "torch.hub", "torch.package", "torch._dynamo", "torch._inductor",
    "torch.fx.experimental", "torch.jit.unsupported_tensor_ops", "torch.testing", "numpy.f2py",
    "numpy.distutils", "numpy.testing",
  ]

  private static let builtinModules: Set<String> = ["builtins", "__builtin__"]

  private static let builtins: Set<String> = [
    "eval", "exec", "execfile", "compile", "open", "file", "input", "raw_input", "apply",
    "getattr", "setattr", "delattr", "__import__", "globals", "locals", "vars", "breakpoint",
    "reload", "help", "exit", "quit", "map", "filter", "reduce",
  ]

  private static let functions: Set<String> = [
    "operator attrgetter", "operator methodcaller", "operator itemgetter",
    "_operator attrgetter", "_operator methodcaller", "_operator itemgetter",
    "functools reduce",
    "torch load", "torch.serialization load", "torch.jit load", "torch.jit._serialization load",
    "torch compile", "torch.storage _load_from_bytes", "torch.ops load_library",
    "torch._ops load_library", "torch.classes load_library",
    "numpy load", "numpy loads", "numpy fromfile", "numpy memmap", "numpy.lib.npyio load",
    "numpy.core.records fromfile", "io open", "_io open", "io FileIO", "_io FileIO",
    "codecs open", "_codecs lookup", "_codecs decode",
  ]

  /// Plain records inside those modules that real modules and trainers pickle.
  private static let harmless: Set<String> = [
    "types SimpleNamespace", "torch.utils.hooks RemovableHandle",
  ]

  /// Modules of classes that trainers pickle with their data.
  private static let harmlessModules: Set<String> = [
    "torch.utils.data.dataset", "torch.utils.data.dataloader", "torch.utils.data.sampler",
    "torch.utils.data.distributed",
  ]
}
