import CONNX
import GraphIR

// The parts of a model as protobuf-c's structures.
extension ProtobufArena {
  func message(_ node: ONNXNode) -> UnsafeMutablePointer<Onnx__NodeProto> {
    message(onnx__node_proto__init) { message in
      message.n_input = node.inputs.count
      message.input = array(node.inputs.map(text))
      message.n_output = node.outputs.count
      message.output = array(node.outputs.map(text))
      message.name = text(node.name)
      message.op_type = text(node.op)
      // Sorted, so that the same model gives the same bytes.
      let attributes = node.attributes.sorted { $0.key < $1.key }
      message.n_attribute = attributes.count
      message.attribute = array(attributes.map { self.message($0.key, $0.value) })
    }
  }

  private func message(
    _ name: String, _ attribute: ONNXAttribute
  ) -> UnsafeMutablePointer<Onnx__AttributeProto>? {
    message(onnx__attribute_proto__init) { message in
      message.name = text(name)
      message.has_type = 1
      // The numbers of `AttributeProto.AttributeType`.
      switch attribute {
      case .float(let value): (message.f, message.has_f, message.type) = (value, 1, 1)
      case .int(let value): (message.i, message.has_i, message.type) = (Int64(value), 1, 2)
      case .string(let value): (message.s, message.has_s, message.type) = (bytes(value), 1, 3)
      case .ints(let values):
        (message.n_ints, message.type) = (values.count, 7)
        message.ints = array(values.map(Int64.init))
      case .tensor, .floats, .strings, .graph:
        preconditionFailure("no node that is written has such an attribute")
      }
    }
  }

  func message(_ value: ONNXValueInfo) -> UnsafeMutablePointer<Onnx__ValueInfoProto>? {
    let extents = (value.extents ?? []).map(message)
    let shape = message(onnx__tensor_shape_proto__init) { message in
      message.n_dim = extents.count
      message.dim = array(extents)
    }
    let tensor = message(onnx__type_proto__tensor__init) { message in
      message.has_elem_type = 1
      message.elem_type = Int32(ONNXElementType.number(of: value.dtype ?? .float32))
      message.shape = shape
    }
    let type = message(onnx__type_proto__init) { message in message.tensor_type = tensor }
    return message(onnx__value_info_proto__init) { message in
      message.name = text(value.name)
      message.type = type
    }
  }

  private func message(
    _ extent: ONNXValueInfo.Extent
  ) -> UnsafeMutablePointer<Onnx__TensorShapeProto__Dimension>? {
    message(onnx__tensor_shape_proto__dimension__init) { message in
      switch extent {
      case .fixed(let count):
        message.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE
        message.dim_value = Int64(count)
      case .named(let name):
        message.value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM
        message.dim_param = text(name)
      case .unknown: break
      }
    }
  }

  /// A tensor's name, type and shape, and where its values are, if not in the message.
  func message(
    _ name: String, _ tensor: Tensor, external: [(String, String)]
  ) -> UnsafeMutablePointer<Onnx__TensorProto> {
    message(onnx__tensor_proto__init) { message in
      message.n_dims = tensor.shape.count
      message.dims = array(tensor.shape.map(Int64.init))
      message.has_data_type = 1
      message.data_type = Int32(ONNXElementType.number(of: tensor.dtype))
      message.name = text(name)
      guard !external.isEmpty else { return }
      message.n_external_data = external.count
      message.external_data = array(external.map(self.message))
      // `TensorProto.DataLocation.EXTERNAL`.
      (message.data_location, message.has_data_location) = (1, 1)
    }
  }

  func message(
    _ entry: (key: String, value: String)
  ) -> UnsafeMutablePointer<Onnx__StringStringEntryProto>? {
    message(onnx__string_string_entry_proto__init) { message in
      message.key = text(entry.key.replacingNUL)
      message.value = text(entry.value.replacingNUL)
    }
  }

  func message(opset: Int) -> UnsafeMutablePointer<Onnx__OperatorSetIdProto>? {
    message(onnx__operator_set_id_proto__init) { message in
      // ONNX's own operators have the empty domain.
      message.domain = text("")
      (message.version, message.has_version) = (Int64(opset), 1)
    }
  }
}
