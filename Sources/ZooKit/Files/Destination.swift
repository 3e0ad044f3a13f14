import Foundation

/// Where a result file goes: it is written beside its place under another name, and renamed.
package struct Destination {
  /// The file as it was named, or what it points to where it is a link.
  package let url: URL

  /// Checks that a file can be put there.
  ///
  /// - Parameters:
  ///   - path: a file in a folder that exists; a link stands for what it points to.
  ///   - inputs: files that the result must not replace.
  /// - Throws: `ZooError` where there is no such folder, something else than a file is there
  ///   (renaming over a pipe or device would do away with it), or an input is.
  package init(_ path: String, inputs: [String]) throws(ZooError) {
    var status = stat()
    let isLink = lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    url = isLink ? Self.real(path) : URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    guard FileManager.default.fileExists(atPath: folder.path) else {
      throw .file(path, reason: "cannot be written: there is no folder \(folder.path)")
    }
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw .file(
        path, reason: isFolder ? "is a folder; name a file in it" : "is no regular file")
    }
    if inputs.contains(where: { Self.real($0) == Self.real(path) }) { throw .outputIsInput(path) }
  }

  private static func real(_ path: String) -> URL {
    URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
  }
}
