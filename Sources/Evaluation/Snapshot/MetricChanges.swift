import Formats

/// How the metrics of a pane differ from those of the pane before it.
public struct MetricChanges: Sendable {
  /// JSON lines: what names a metric in `metrics.jsonl`, then `before`, `after` and `change`, the
  /// latter two minus each other; `null` where there was, or is, no number.
  public private(set) var lines: [UInt8] = []
  /// Slices in which something changed.
  public private(set) var sliceCount = 0
  /// Metrics that changed, in all of them.
  public private(set) var valueCount = 0

  /// The changes between two contents of `metrics.jsonl`, in the order of the second.
  ///
  /// - Throws: What `JSONValue` throws if they are not that.
  public init(from before: [UInt8], to after: [UInt8]) throws {
    var known: [ArraySlice<UInt8>: ArraySlice<UInt8>] = [:]
    for (name, rest) in Self.entries(before) { known[name] = rest }
    var slices: Set<ArraySlice<UInt8>> = []
    for (name, rest) in Self.entries(after) {
      let old = known.removeValue(forKey: name)
      if old == rest { continue }
      let earlier = if let old { try Self.value(old) } else { nil as JSONValue? }
      let later = try Self.value(rest)
      guard earlier != later else { continue }
      append(name, earlier, later)
      slices.insert(name.prefix(Self.sliceLength(name)))
    }
    sliceCount = slices.count
  }

  private static let valueKey = Array("},\"value\":".utf8)
  private static let modelKey = Array(",\"model\":".utf8)

  /// Each line's name and what follows it, from the value on.
  private static func entries(
    _ lines: [UInt8]
  ) -> [(name: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)] {
    lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
      // Values hold no object that ends before a key of this name, slices might.
      guard let start = lastRange(of: valueKey, in: line) else { return nil }
      return (line[..<(start + 1)], line[(start + 1)...])
    }
  }

  private static func lastRange(of pattern: [UInt8], in line: ArraySlice<UInt8>) -> Int? {
    guard line.count >= pattern.count else { return nil }
    return (line.startIndex...(line.endIndex - pattern.count)).reversed().first {
      line[$0] == pattern[0] && line[$0..<$0 + pattern.count].elementsEqual(pattern)
    }
  }

  private static func sliceLength(_ name: ArraySlice<UInt8>) -> Int {
    lastRange(of: modelKey, in: name).map { $0 - name.startIndex } ?? name.count
  }

  /// The value in `,"value":…}`.
  private static func value(_ rest: ArraySlice<UInt8>) throws -> JSONValue? {
    try JSONValue(parsing: [UInt8(ascii: "{")] + rest.dropFirst())["value"]
  }

  private mutating func append(
    _ name: ArraySlice<UInt8>, _ before: JSONValue?, _ after: JSONValue?
  ) {
    valueCount += 1
    var writer = JSONWriter()
    writer.beginObject()
    func write(_ key: String, _ number: Double?) {
      writer.key(key)
      if let number { writer.value(number) } else { writer.null() }
    }
    let (old, new) = (before?.number, after?.number)
    write("before", old)
    write("after", new)
    write("change", old.flatMap { old in new.map { $0 - old } })
    writer.endObject()
    lines += name
    lines.append(UInt8(ascii: ","))
    lines += writer.bytes.dropFirst()
    lines.append(UInt8(ascii: "\n"))
  }
}
