import Foundation
import GraphIR

/// NumPy's `.npy` files: one array, little-endian, C order.
///
/// The format is described in NumPy's `numpy.lib.format`: a magic, a version, a header that is a
/// Python dictionary literal, then the values.
public enum NumPyArray {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// Longer headers are no array of numbers.
  private static let headerLimit = 65536

  /// A tensor as the bytes of a version 1.0 file; values of types that NumPy lacks as float32.
  public static func encode(_ tensor: Tensor) -> Data {
    let type = types.merging(complexTypes) { $1 }.first { $0.value == tensor.dtype }?.key
    let tensor = type == nil ? tensor.converted(to: .float32) : tensor
    // As Python prints a tuple: a single extent has a comma behind it.
    let extents = tensor.shape.map(String.init).joined(separator: ", ")
    let comma = tensor.shape.count == 1 ? "," : ""
    var header =
      "{'descr': '\(type ?? "<f4")', 'fortran_order': False, 'shape': (\(extents)\(comma)), }"
    // The values begin at a multiple of 64 bytes; the header ends with a line feed.
    let padding = 63 - (magic.count + 4 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var data = Data(magic + [1, 0, UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)])
    data.append(contentsOf: header.utf8)
    tensor.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  /// Reads an array of real numbers from a file.
  ///
  /// - Throws: `ZooError` where there is no such file or it is no such array.
  public static func read(_ path: String) throws(ZooError) -> Tensor {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .file(path, reason: "there is no such file")
    }
    guard !isFolder.boolValue else {
      throw .file(path, reason: "is a folder; name a file in it")
    }
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw .file(path, reason: "cannot be read")
    }
    return try decode(data, file: path)
  }

  /// Reads an array of real numbers.
  ///
  /// - Throws: `ZooError.array` where the file is no such array.
  public static func decode(_ data: Data, file: String) throws(ZooError) -> Tensor {
    func refuse(_ reason: String) -> ZooError { .array(file: file, reason: reason) }
    let bytes = [UInt8](data.prefix(12))
    guard bytes.starts(with: magic), bytes.count == 12 else {
      throw refuse("is no NumPy array; save it with numpy.save")
    }
    let (start, length): (Int, Int)
    switch bytes[6] {
    case 1: (start, length) = (10, Int(bytes[8]) | Int(bytes[9]) << 8)
    case 2, 3:
      let high = Int(bytes[10]) << 16 | Int(bytes[11]) << 24
      (start, length) = (12, Int(bytes[8]) | Int(bytes[9]) << 8 | high)
    default: throw refuse("has version \(bytes[6]) of NumPy's format; 1 to 3 are read")
    }
    guard length <= headerLimit, data.count >= start + length else {
      throw refuse("ends within its header")
    }
    let values = data.dropFirst(start + length)
    let header = String(decoding: data.dropFirst(start).prefix(length), as: UTF8.self)
    let (dtype, shape) = try parse(header, refuse)
    guard let count = shape.checkedElementCount,
      case let (size, overflow) = count.multipliedReportingOverflow(by: dtype.byteWidth),
      !overflow, size == values.count
    else {
      throw refuse(
        "holds \(values.count) bytes of values, which is not what a \(shape) array of "
          + "\(dtype.rawValue) takes")
    }
    let storage = ByteStorage(count: size) { memory in
      _ = values.copyBytes(to: memory)
    }
    return Tensor(dtype: dtype, shape: shape, storage: storage)
  }

  /// Types that are written only: no network takes complex numbers.
  private static let complexTypes: [String: DType] = ["<c8": .complex64, "<c16": .complex128]
  private static let types: [String: DType] = [
    "<f4": .float32, "<f8": .float64, "<f2": .float16, "|u1": .uint8, "|i1": .int8,
    "<u2": .uint16, "<i2": .int16, "<u4": .uint32, "<i4": .int32, "<u8": .uint64, "<i8": .int64,
    "|b1": .bool,
  ]

  private static func parse(
    _ header: String, _ refuse: (String) -> ZooError
  ) throws(ZooError) -> (DType, Shape) {
    guard
      let type = header.firstMatch(of: /'descr':\s*'([^']*)'/)?.1,
      let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
      let extents = header.firstMatch(of: /'shape':\s*\(([0-9, ]*)\)/)?.1
    else { throw refuse("has a header that does not describe an array of numbers") }
    guard let dtype = types[String(type)] else {
      throw refuse("holds values of type \(type); convert them with array.astype('float32')")
    }
    guard order == "False" else {
      throw refuse("is in Fortran order; save numpy.ascontiguousarray(array)")
    }
    var dimensions = [Int]()
    for text in extents.split(separator: ",") {
      let digits = text.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let extent = Int(digits) else { throw refuse("has an extent of \(digits)") }
      dimensions.append(extent)
    }
    return (dtype, Shape(dimensions))
  }
}
