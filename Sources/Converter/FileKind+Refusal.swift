extension FileKind {
  /// Why a file of this kind is not read as a PyTorch checkpoint, and what to do instead.
  var refusal: String {
    switch self {
    case .oldTorchScript:
      "is a TorchScript archive from PyTorch before 1.3; "
        + "load it in PyTorch and save its state_dict() with torch.save"
    case .safetensors: "is a safetensors file; read it as one"
    case .onnx: "looks like an ONNX model, which holds no PyTorch checkpoint"
    case .numpy: "is a NumPy array and no checkpoint; name the model's weight file"
    case .hdf5: "is an HDF5 file, as Keras writes; only PyTorch checkpoints are read"
    case .pickle:
      "is a pickle that torch.save did not write; save the model with torch.save"
    case .zip:
      "is a zip archive without a PyTorch checkpoint (no data.pkl); if one lies in it, unpack it"
    case .tar: "is a tar archive; unpack it and name the checkpoint in it"
    case .compressed: "is compressed; unpack it first"
    case .html:
      "is a web page, as a failed download leaves behind; fetch the file itself"
    case .gitLFSPointer:
      "is a git-lfs pointer and not the file itself; run git lfs pull and try again"
    case .text: "is plain text and no checkpoint; fetch the file again"
    case .empty: "is empty; fetch the file again"
    case .unknown:
      "is of no kind that is known here; name a file from torch.save"
    case .torchScript, .pyTorchEnsemble, .pyTorchTar, .pyTorchZip, .pyTorchZipStateDict,
      .pyTorchZipModule,
      .pyTorchLegacy,
      .pyTorchLegacyStateDict, .pyTorchLegacyModule:
      "is a PyTorch checkpoint that should have been read; report this"
    }
  }
}
