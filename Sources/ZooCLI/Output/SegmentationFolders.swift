import Foundation
import XRayZoo

/// The folders that masks go to: one image's is the one that was named, of several images each has
/// one in there.
struct SegmentationFolders {
  private let paths: [String]
  /// What no file may replace.
  private let inputs: [String]

  /// Checks that the folder is none of the files that there are, and names those of images.
  init(_ path: String, images: [String], model: String) throws {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue {
      throw ZooError.file(path, reason: "is a file; name a folder")
    }
    inputs = images + [model]
    guard images.count > 1 else {
      paths = [path]
      return
    }
    var unique = UniqueNames()
    paths = images.map { image in
      let stem = URL(fileURLWithPath: image).deletingPathExtension().lastPathComponent
      return Self.inside(path, unique.name(stem.fileName))
    }
  }

  /// Writes what was found on an image, the masks first.
  ///
  /// - Parameters:
  ///   - segmentation: what was found.
  ///   - model: gives names and the notice.
  ///   - size: the pixels of the masks.
  ///   - index: the place of the image among all of them.
  /// - Returns: what was written.
  /// - Throws: `ZooError` or `ImageError` where a file cannot be written.
  func write(
    _ segmentation: Segmentation, of model: ModelDescription, size: Segmentation.Size, index: Int
  ) throws -> SegmentationReport {
    let folder = paths[index]
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw ZooError.file(folder, reason: "the folder cannot be made")
    }
    // Every place is checked before the first file is written.
    func file(_ name: String) throws -> (path: String, file: OutputFile) {
      let path = Self.inside(folder, name + ".png")
      return (path, try OutputFile(path, inputs: inputs))
    }
    let names = StructureNames(model.labels)
    let files = try segmentation.structures.map { try file(names[$0.label] ?? $0.label.fileName) }
    let overlay = try file(StructureNames.overlay)
    let rows = try zip(segmentation.structures, files).map { structure, target in
      // One at a time: a large image's masks need not all be in memory.
      let mask = segmentation.mask(of: structure, in: size)
      try target.file.write(mask.png(name: target.path))
      return SegmentationReport.Row(structure, mask, file: target.path)
    }
    try overlay.file.write(segmentation.overlayPNG(model: model.name, notice: model.notice))
    return SegmentationReport(
      segmentation, size: size, rows: rows, overlay: overlay.path)
  }

  private static func inside(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }
}
