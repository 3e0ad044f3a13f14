/// The instructions of pickle protocols 0 to 5, as Python's `pickletools` lists them.
enum PickleOpcode: UInt8 {
  // Numbers, truth values and nothing.
  case int = 0x49  // I
  case binInt = 0x4a  // J
  case binInt1 = 0x4b  // K
  case binInt2 = 0x4d  // M
  case long = 0x4c  // L
  case long1 = 0x8a
  case long4 = 0x8b
  case none = 0x4e  // N
  case newTrue = 0x88
  case newFalse = 0x89
  case float = 0x46  // F
  case binFloat = 0x47  // G
  // Text and bytes.
  case string = 0x53  // S
  case binString = 0x54  // T
  case shortBinString = 0x55  // U
  case binBytes = 0x42  // B
  case shortBinBytes = 0x43  // C
  case binBytes8 = 0x8e
  case byteArray8 = 0x96
  case unicode = 0x56  // V
  case binUnicode = 0x58  // X
  case shortBinUnicode = 0x8c
  case binUnicode8 = 0x8d
  // Containers.
  case emptyList = 0x5d  // ]
  case append = 0x61  // a
  case appends = 0x65  // e
  case list = 0x6c  // l
  case emptyTuple = 0x29  // )
  case tuple = 0x74  // t
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case emptyDict = 0x7d  // }
  case dict = 0x64  // d
  case setItem = 0x73  // s
  case setItems = 0x75  // u
  case emptySet = 0x8f
  case addItems = 0x90
  case frozenSet = 0x91
  // Stack and memo.
  case mark = 0x28  // (
  case pop = 0x30  // 0
  case popMark = 0x31  // 1
  case dup = 0x32  // 2
  case get = 0x67  // g
  case binGet = 0x68  // h
  case longBinGet = 0x6a  // j
  case put = 0x70  // p
  case binPut = 0x71  // q
  case longBinPut = 0x72  // r
  case memoize = 0x94
  // Classes and objects.
  case global = 0x63  // c
  case stackGlobal = 0x93
  case reduce = 0x52  // R
  case build = 0x62  // b
  case newObj = 0x81
  case newObjEx = 0x92
  case inst = 0x69  // i
  case obj = 0x6f  // o
  case ext1 = 0x82
  case ext2 = 0x83
  case ext4 = 0x84
  case persID = 0x50  // P
  case binPersID = 0x51  // Q
  // The rest.
  case proto = 0x80
  case frame = 0x95
  case nextBuffer = 0x97
  case readOnlyBuffer = 0x98
  case stop = 0x2e  // .

  /// The name that Python gives the instruction, for error messages.
  var name: String { Self.namesOfTwoWords[self] ?? "\(self)".uppercased() }

  private static let namesOfTwoWords: [PickleOpcode: String] = [
    .shortBinString: "SHORT_BINSTRING", .shortBinBytes: "SHORT_BINBYTES",
    .shortBinUnicode: "SHORT_BINUNICODE", .emptyList: "EMPTY_LIST", .emptyTuple: "EMPTY_TUPLE",
    .emptyDict: "EMPTY_DICT", .emptySet: "EMPTY_SET", .popMark: "POP_MARK",
    .longBinGet: "LONG_BINGET", .longBinPut: "LONG_BINPUT", .stackGlobal: "STACK_GLOBAL",
    .newObjEx: "NEWOBJ_EX", .nextBuffer: "NEXT_BUFFER", .readOnlyBuffer: "READONLY_BUFFER",
  ]
}
