import Foundation

/// Text for the program at the other end of a pipe.
enum Report {
  /// Prints a value as one line of JSON, at once; after a word, if any.
  static func line(_ word: String? = nil, _ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(value), as: UTF8.self)
    line(word.map { "\($0) \(json)" } ?? json)
  }

  /// Prints a line at once.
  static func line(_ text: String) {
    print(text)
    fflush(nil)
  }
}
