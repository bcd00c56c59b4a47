import ByteCoding
import Formats

/// tf.Example records, written by the definition of the message.
enum TFExampleBytes {
  /// `at` as int64 list, `fare` as float list, `company` as bytes list; each if given.
  static func example(at: Int64?, fare: Float?, company: String?) -> [UInt8] {
    var features: [UInt8] = []
    if let at {
      var value = ByteWriter()
      value.append(varint: UInt64(bitPattern: at))
      features += feature("at", field(3, field(1, value.bytes)))
    }
    if let fare {
      var value = ByteWriter()
      value.append(littleEndian: fare.bitPattern)
      features += feature("fare", field(2, field(1, value.bytes)))
    }
    if let company { features += feature("company", field(1, field(1, Array(company.utf8)))) }
    return field(1, features)
  }

  static func record(_ data: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    TFRecordWriter.append(data, to: &writer)
    return writer.bytes
  }

  private static func feature(_ name: String, _ value: [UInt8]) -> [UInt8] {
    field(1, field(1, Array(name.utf8)) + field(2, value))
  }

  /// A length-delimited field.
  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(number << 3 | 2)
    writer.append(lengthPrefixed: bytes)
    return writer.bytes
  }
}
