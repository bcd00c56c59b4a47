import CScan

extension [Bool] {
  /// Whether no element is false.
  public var allTrue: Bool {
    unsafe withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return unsafe cscan_find(start, 0, bytes.count) == bytes.count
    }
  }
}
