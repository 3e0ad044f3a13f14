/// The largest difference between two lists, as a part of the expected list's largest magnitude;
/// infinite where lengths differ or a value is not a number.
public func relativeDifference(_ found: [Float], _ expected: [Float]) -> Float {
  guard found.count == expected.count, !expected.isEmpty else { return .infinity }
  let scale = expected.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
  return zip(found, expected).reduce(0) {
    let difference = abs($1.0 - $1.1)
    return difference.isNaN ? .infinity : max($0, difference / scale)
  }
}
