import GraphIR

/// A storage that a persistent id names; its bytes are looked for only when a tensor needs them.
struct StorageReference: Hashable, Sendable {
  let element: StorageElement
  let key: String
  /// In elements, as everything PyTorch says about a storage.
  let elementCount: Int
  /// The part that an old legacy file calls a view of the storage, in elements.
  var view: Range<Int>?
}

/// A tensor as a checkpoint describes it: a window on a storage.
struct TensorRecord: Hashable, Sendable {
  let storage: StorageReference
  let dtype: DType
  /// Where the first value lies, in elements of `dtype`.
  let offset: Int
  let shape: [Int]
  /// Elements from one index to the next, for each dimension.
  let strides: [Int]
}

/// What a function that rebuilds a tensor does, as data.
enum TensorRebuild: Hashable, Sendable {
  /// (storage, offset, size, stride, …): the storage gives the type.
  case strided
  /// (storage, offset, size, stride, requires_grad, hooks, dtype, …).
  case stridedTyped
  /// (tensor, …): a parameter, or a tensor that lived on another device.
  case wrapped
  /// (function, class, arguments, state): a subclass, or a tensor with attributes.
  case subclass
  case unsupported(String)

  /// By module and name; from `torch/_utils.py` and `torch/_tensor.py`.
  static let functions: [(name: String, rebuild: TensorRebuild)] = [
    ("torch._utils _rebuild_tensor", .strided),
    ("torch._utils _rebuild_tensor_v2", .strided),
    ("torch._utils _rebuild_tensor_v3", .stridedTyped),
    ("torch._utils _rebuild_parameter", .wrapped),
    ("torch._utils _rebuild_parameter_with_state", .wrapped),
    ("torch._utils _rebuild_device_tensor_from_cpu_tensor", .wrapped),
    ("torch._tensor _rebuild_from_type", .subclass),
    ("torch._tensor _rebuild_from_type_v2", .subclass),
    ("torch.tensor _rebuild_from_type", .subclass),
    ("torch._utils _rebuild_sparse_tensor", .unsupported("sparse")),
    ("torch._utils _rebuild_sparse_csr_tensor", .unsupported("sparse")),
    ("torch._utils _rebuild_qtensor", .unsupported("quantised")),
    ("torch._utils _rebuild_nested_tensor", .unsupported("nested")),
    ("torch._utils _rebuild_meta_tensor_no_storage", .unsupported("meta (value-less)")),
    ("torch._utils _rebuild_wrapper_subclass", .unsupported("wrapper-subclass")),
    ("torch._utils _rebuild_device_tensor_from_numpy", .unsupported("NumPy-backed device")),
    ("torch._utils _rebuild_xla_tensor", .unsupported("XLA")),
  ]
}
