import XRayZoo

/// Images that are worked on one after the other; a bad one does not lose the others.
struct ImageBatch {
  private let paths: [String]

  init(_ paths: [String]) { self.paths = paths }

  /// What became of one image: a result, or the sentence that says why there is none.
  typealias Outcome<R> = Result<R, ImageFailure>

  /// Reads each image, works on it and hands the outcome on, in the order given.
  ///
  /// - Returns: how many images failed.
  func forEach<R>(
    _ work: (XRayImage) throws -> R, _ report: (_ index: Int, _ path: String, Outcome<R>) -> Void
  ) -> Int {
    let bar = ProgressBar("images", total: paths.count)
    var failures = 0
    for (index, path) in paths.enumerated() {
      let outcome = Outcome<R> { () throws(ImageFailure) in
        do {
          return try work(XRayImage(path: path))
        } catch {
          throw ImageFailure(reason: "\(error)")
        }
      }
      bar.clear()
      if case .failure(let failure) = outcome {
        failures += 1
        Terminal.note(failure.reason)
      }
      report(index, path, outcome)
      bar.update(index + 1)
    }
    bar.clear()
    return failures
  }
}

/// Why an image gave no result.
struct ImageFailure: Error {
  let reason: String
}
