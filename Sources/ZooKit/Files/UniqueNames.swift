/// Names of files in one folder: no two are the same, even where letters' case is not told apart.
package struct UniqueNames {
  private var taken: Set<String>

  /// Begins with names that are not to be had.
  package init(reserved: Set<String> = []) { taken = Set(reserved.map { $0.lowercased() }) }

  /// The name that was wanted, with a number behind it where it is taken.
  package mutating func name(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !taken.insert(name.lowercased()).inserted {
      name = "\(wanted)-\(number)"
      number += 1
    }
    return name
  }
}

extension String {
  /// Without what a file's name cannot have.
  package var fileName: String {
    let name = String(map { $0 == "/" || $0 == "\\" || $0 == "\0" ? "_" : $0 })
    return name.isEmpty || name.hasPrefix(".") ? "_" + name : name
  }
}
