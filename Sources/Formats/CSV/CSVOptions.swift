/// How a CSV file is written.
public struct CSVOptions: Hashable, Sendable {
  /// Between the fields of a record: an ASCII byte, not a quote or line end.
  public var separator: UInt8
  /// Between the elements of a list field.
  public var listSeparator: UInt8

  public init(separator: UInt8 = UInt8(ascii: ","), listSeparator: UInt8 = UInt8(ascii: ";")) {
    for byte in [separator, listSeparator] {
      precondition(byte < 0x80 && ![0x0A, 0x0D, 0x22].contains(byte), "separator \(byte)")
    }
    self.separator = separator
    self.listSeparator = listSeparator
  }
}
