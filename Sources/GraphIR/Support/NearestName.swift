/// The candidate that a mistyped name most likely meant, or nil where none is near.
///
/// Near means an edit distance (insert, delete, replace, swap neighbours; letter case ignored) of
/// at most a third of the longer name.
public func nearestName(to name: String, in candidates: some Sequence<String>) -> String? {
  let typed = Array(name.lowercased())
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased())
    let distance = editDistance(typed, letters)
    guard distance * 3 <= max(typed.count, letters.count) else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
  }
  return best?.name
}

/// The optimal string alignment distance between two words.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var older = [Int]()
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
      row.append(cost)
    }
    (older, previous) = (previous, row)
  }
  return previous[b.count]
}
