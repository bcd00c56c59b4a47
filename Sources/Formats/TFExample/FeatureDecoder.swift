internal import ByteCoding
internal import Columns

/// Reads the features of one `tf.Example` into a row of a scratch table.
///
/// | message | field | content |
/// |---|---|---|
/// | Example | 1 | Features |
/// | Features | 1, repeated | entry: 1 name, 2 Feature |
/// | Feature | 1, 2 or 3 | BytesList, FloatList or Int64List |
/// | the lists | 1, repeated | values; numbers packed or not |
///
/// Unknown fields are passed over. As in protocol buffers, the last of equal names wins, the last
/// kind of a feature wins, and lists of one kind are joined.
struct FeatureDecoder {
  private enum Kind: UInt64 {
    case bytes = 1
    case floats = 2
    case integers = 3
  }

  let table: ScratchTable
  let names: FeatureNames
  /// For each field, the last row that had its feature; told apart by ``stamp``.
  private var seen: [Int]
  private var stamp = 0

  init(_ table: ScratchTable) {
    self.table = table
    names = FeatureNames(table.schema.fields.map(\.name))
    seen = Array(repeating: 0, count: table.schema.fields.count)
  }

  /// Fills row `row` from the message in `data`; after a fault the row may be filled anew.
  mutating func decode(
    _ bytes: PaddedBytes, _ data: Range<Int>, row: Int
  ) throws(RowFault) {
    stamp += 1
    var example = WireCursor(
      bytes: bytes, at: data.lowerBound, end: data.upperBound, origin: data.lowerBound)
    while !example.isAtEnd {
      let tag = try example.tag()
      guard tag.number == 1, tag.type == .lengthDelimited else {
        try example.skip(tag.type)
        continue
      }
      var features = try example.nested()
      while !features.isAtEnd {
        let tag = try features.tag()
        guard tag.number == 1, tag.type == .lengthDelimited else {
          try features.skip(tag.type)
          continue
        }
        try decodeEntry(try features.nested(), row)
      }
    }
    for position in seen.indices where seen[position] != stamp { table.markAbsent(position, row) }
  }

  private mutating func decodeEntry(_ cursor: WireCursor, _ row: Int) throws(RowFault) {
    var entry = cursor
    var name = WireCursor(bytes: entry.bytes, at: entry.at, end: entry.at, origin: entry.origin)
    var feature = name
    while !entry.isAtEnd {
      let tag = try entry.tag()
      switch (tag.number, tag.type) {
      case (1, .lengthDelimited): name = try entry.nested()
      case (2, .lengthDelimited): feature = try entry.nested()
      default: try entry.skip(tag.type)
      }
    }
    guard let position = names.position(name.bytes, name.at, name.end) else {
      guard name.bytes.endOfUTF8(from: name.at, to: name.end) == name.end else {
        throw name.fault("a name that is not UTF-8")
      }
      _ = try decodeValues(feature, nil, row)
      return
    }
    do throws(RowFault) {
      let isPresent = try decodeValues(feature, position, row)
      seen[position] = isPresent ? stamp : 0
    } catch { throw error.path.isEmpty ? error.under(table.schema.fields[position].name) : error }
  }

  /// Reads or, without a position, checks a feature; whether the row has a value.
  private func decodeValues(
    _ cursor: WireCursor, _ position: Int?, _ row: Int
  ) throws(RowFault) -> Bool {
    var feature = cursor
    var target = FeatureTarget(table, position, row)
    var kind: Kind?
    while !feature.isAtEnd {
      let tag = try feature.tag()
      guard let next = Kind(rawValue: tag.number), tag.type == .lengthDelimited else {
        try feature.skip(tag.type)
        continue
      }
      if next != kind { target.count = 0 }
      kind = next
      let list = try feature.nested()
      switch next {
      case .bytes: try decodeBytes(list, &target)
      case .floats: try decodeFloats(list, &target)
      case .integers: try decodeIntegers(list, &target)
      }
    }
    guard kind != nil else { return false }
    return try target.finish()
  }

  private func decodeBytes(
    _ cursor: WireCursor, _ target: inout FeatureTarget
  ) throws(RowFault) {
    var list = cursor
    while !list.isAtEnd {
      let tag = try list.tag()
      guard tag.number == 1, tag.type == .lengthDelimited else {
        try list.skip(tag.type)
        continue
      }
      let value = try list.nested()
      try target.add(bytes: value)
    }
  }

  private func decodeFloats(
    _ cursor: WireCursor, _ target: inout FeatureTarget
  ) throws(RowFault) {
    var list = cursor
    while !list.isAtEnd {
      let tag = try list.tag()
      switch (tag.number, tag.type) {
      case (1, .fixed32): try target.add(Float(bitPattern: try list.fixed32()))
      case (1, .lengthDelimited):
        var packed = try list.nested()
        while !packed.isAtEnd { try target.add(Float(bitPattern: try packed.fixed32())) }
      default: try list.skip(tag.type)
      }
    }
  }

  private func decodeIntegers(
    _ cursor: WireCursor, _ target: inout FeatureTarget
  ) throws(RowFault) {
    var list = cursor
    while !list.isAtEnd {
      let tag = try list.tag()
      switch (tag.number, tag.type) {
      case (1, .varint): try target.add(Int64(bitPattern: try list.varint()))
      case (1, .lengthDelimited):
        var packed = try list.nested()
        while !packed.isAtEnd { try target.add(Int64(bitPattern: try packed.varint())) }
      default: try list.skip(tag.type)
      }
    }
  }
}
