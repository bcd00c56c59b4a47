import ByteCoding

/// A protobuf message taken apart, for tests.
struct WireMessage {
  private var fields: [WireField] = []

  init(_ bytes: some Sequence<UInt8>) throws {
    var reader = ByteReader(Array(bytes))
    while let field = try reader.readField() { fields.append(field) }
  }

  /// The messages in field `number`.
  func messages(_ number: Int) throws -> [WireMessage] {
    try bytes(number).map { try WireMessage($0) }
  }

  func strings(_ number: Int) -> [String] {
    bytes(number).map { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(_ number: Int) -> [ArraySlice<UInt8>] {
    fields.compactMap { field in
      if field.number == number, case .bytes(let bytes) = field.value { bytes } else { nil }
    }
  }
}
