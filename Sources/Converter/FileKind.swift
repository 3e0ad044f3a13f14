/// What a file is, judged by its content and never by its name.
///
/// Raw values are the names used in manifests and native files.
public enum FileKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// A `torch.save` file of PyTorch 1.6 or later: a zip archive; not yet known what is in it.
  case pyTorchZip = "pytorch-zip"
  /// A zip checkpoint that holds tensors by name.
  case pyTorchZipStateDict = "pytorch-zip-state-dict"
  /// A zip checkpoint that holds a whole pickled module.
  case pyTorchZipModule = "pytorch-zip-module"
  /// A `torch.save` file of PyTorch before 1.6: pickles, then raw storages.
  case pyTorchLegacy = "pytorch-legacy"
  /// A legacy checkpoint that holds tensors by name.
  case pyTorchLegacyStateDict = "pytorch-legacy-state-dict"
  /// A legacy checkpoint that holds a whole pickled module.
  case pyTorchLegacyModule = "pytorch-legacy-module"
  /// A `torch.save` file of PyTorch before 0.1.10: a tar archive.
  case pyTorchTar = "pytorch-tar"
  /// A zip archive of several checkpoints, as ensembles are published.
  case pyTorchEnsemble = "pytorch-ensemble"
  /// A `torch.jit.save` archive.
  case torchScript = "torchscript"
  /// A `torch.jit.save` archive of PyTorch 1.2 or before.
  case oldTorchScript = "torchscript-json"
  /// A safetensors file.
  case safetensors
  /// An ONNX model (recognised by the first protobuf fields, so with some doubt).
  case onnx
  /// A NumPy array file.
  case numpy
  /// An HDF5 file, as Keras writes.
  case hdf5
  /// A pickle that PyTorch did not write.
  case pickle
  /// A zip archive of something else.
  case zip
  /// A tar archive of something else.
  case tar
  /// Compressed by gzip, bzip2, xz or zstd.
  case compressed
  /// A web page, as a failed download leaves behind.
  case html
  /// The stand-in that git-lfs leaves where a large file was not fetched.
  case gitLFSPointer = "git-lfs-pointer"
  /// Plain text.
  case text
  /// No bytes at all.
  case empty
  /// None of these.
  case unknown
}
