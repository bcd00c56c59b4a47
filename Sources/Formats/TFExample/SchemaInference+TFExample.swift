import ByteCoding

extension SchemaInference {
  /// Adds the `tf.Example` records of `text`, whole TFRecords; checksums are not looked at.
  ///
  /// A feature that never holds more than one value is a scalar.
  public mutating func observe(tfRecords text: some Collection<UInt8>) {
    var reader = ByteReader(Array(text))
    var features: [(name: String, kind: Kind, isList: Bool)] = []
    while !reader.isAtEnd {
      do throws(ByteCodingError) {
        let length = try reader.readLittleEndian(UInt64.self)
        _ = try reader.read(count: 4)
        let data = try reader.read(count: Int(clamping: length))
        _ = try reader.read(count: 4)
        try Self.add(data, to: &features)
      } catch {
        break
      }
    }
    for (name, kind, isList) in features { join(name, isList ? .list(kind) : kind) }
  }

  private static func add(
    _ example: ArraySlice<UInt8>, to features: inout [(name: String, kind: Kind, isList: Bool)]
  ) throws(ByteCodingError) {
    for map in try messages(in: example, field: 1) {
      for entry in try messages(in: map, field: 1) {
        let name = String(decoding: try messages(in: entry, field: 1).last ?? [], as: UTF8.self)
        guard let feature = try messages(in: entry, field: 2).last else { continue }
        let (kind, count) = try value(feature)
        if let index = features.firstIndex(where: { $0.name == name }) {
          features[index].kind = features[index].kind.joined(kind)
          if count > 1 { features[index].isList = true }
        } else {
          features.append((name, kind, count > 1))
        }
      }
    }
  }

  /// What a feature holds (bytes list 1, float list 2, int64 list 3), and how many values.
  private static func value(
    _ feature: ArraySlice<UInt8>
  ) throws(ByteCodingError) -> (Kind, count: Int) {
    var reader = ByteReader(feature)
    guard let field = try reader.readField(), case .bytes(let list) = field.value else {
      return (.none, 0)
    }
    var values = ByteReader(list)
    var count = 0
    while let value = try values.readField() {
      switch value.value {
      case .bytes(let packed):
        switch field.number {
        case 1: count += 1
        case 2: count += packed.count / 4
        default: count += packed.count { $0 < 0x80 }
        }
      default: count += 1
      }
    }
    let kind: Kind =
      count == 0 ? .none : field.number == 1 ? .string : field.number == 2 ? .float : .int
    return (kind, count)
  }

  /// The length-delimited values of one field.
  private static func messages(
    in message: ArraySlice<UInt8>, field number: Int
  ) throws(ByteCodingError) -> [ArraySlice<UInt8>] {
    var reader = ByteReader(message)
    var found: [ArraySlice<UInt8>] = []
    while let field = try reader.readField() {
      if field.number == number, case .bytes(let bytes) = field.value { found.append(bytes) }
    }
    return found
  }
}
