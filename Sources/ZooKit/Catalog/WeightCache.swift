import Foundation
import GraphRuntime

/// Where converted weights are kept: one native file a model.
public struct WeightCache: Sendable {
  /// The folder; it need not exist yet.
  public let folder: URL

  /// Uses a folder.
  public init(folder: URL) { self.folder = folder }

  /// The folder of this user: `$ZOO_CACHE`, else `$XDG_CACHE_HOME/xrayzoo`, else
  /// `~/.cache/xrayzoo`.
  public static var standard: WeightCache {
    if let folder = environmentValue("ZOO_CACHE") {
      return WeightCache(folder: URL(fileURLWithPath: folder, isDirectory: true))
    }
    // The XDG specification says to pass over relative paths.
    if let folder = environmentValue("XDG_CACHE_HOME"), folder.hasPrefix("/") {
      return WeightCache(folder: URL(fileURLWithPath: folder).appendingPathComponent("xrayzoo"))
    }
    return WeightCache(folder: homeFolder().appendingPathComponent(".cache/xrayzoo"))
  }

  /// The native file of a model, whether it is there or not.
  public func url(of model: String) -> URL {
    folder.appendingPathComponent(model + ".safetensors")
  }

  /// Whether the native file of a model is there; its content is checked when it is loaded.
  public func contains(_ model: String) -> Bool {
    FileManager.default.fileExists(atPath: url(of: model).path)
  }

  func prepare() throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ZooError.file(
        folder.path, reason: "the cache folder cannot be made; set ZOO_CACHE to another")
    }
  }
}

/// `$HOME`, as shells and Python take it, else the folder that the system has for this user.
func homeFolder() -> URL {
  if let home = environmentValue("HOME"), home.hasPrefix("/") {
    return URL(fileURLWithPath: home, isDirectory: true)
  }
  return FileManager.default.homeDirectoryForCurrentUser
}

/// What torchxrayvision keeps on this machine.
enum UpstreamCache {
  /// The file that torchxrayvision downloaded from an address, if it did.
  static func file(of address: String?, home: URL) -> URL? {
    guard let name = address.flatMap(URL.init(string:))?.lastPathComponent, !name.isEmpty else {
      return nil
    }
    let url = home.appendingPathComponent(".torchxrayvision/models_data/\(name)")
    return FileManager.default.fileExists(atPath: url.path) ? url : nil
  }
}
