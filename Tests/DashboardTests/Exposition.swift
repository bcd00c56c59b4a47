import Testing

/// Prometheus text, read by the grammar of the format and nothing else.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct Exposition {
  struct Broken: Error, CustomStringConvertible {
    var description: String
  }

  struct Family {
    var kind: String
    var help: String
    /// Values by name and labels as they stand.
    var samples: [String: Double] = [:]
  }

  private(set) var families: [String: Family] = [:]
  private var open: String?

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Broken(description: "the last line has no end") }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") {
        try help(line.dropFirst(7))
      } else if line.hasPrefix("# TYPE ") {
        try type(line.dropFirst(7))
      } else {
        try sample(line)
      }
    }
    for (name, family) in families { try check(name, family) }
  }

  /// The value of a series, such as `limno_ready` or `x{a="b"}`.
  subscript(series: String) -> Double? {
    families.values.compactMap { $0.samples[series] }.first
  }

  private mutating func help(_ rest: Substring) throws {
    let parts = rest.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, families[String(parts[0])] == nil else {
      throw Broken(description: "HELP \(rest)")
    }
    open = String(parts[0])
    families[String(parts[0])] = Family(kind: "", help: String(parts[1]))
  }

  private mutating func type(_ rest: Substring) throws {
    let parts = rest.split(separator: " ")
    guard parts.count == 2, let open, open == parts[0], families[open]?.kind == "",
      ["counter", "gauge", "histogram"].contains(parts[1])
    else { throw Broken(description: "TYPE \(rest)") }
    families[open]?.kind = String(parts[1])
  }

  private mutating func sample(_ line: Substring) throws {
    guard let space = line.lastIndex(of: " "), let open else {
      throw Broken(description: "'\(line)'")
    }
    let series = line[..<space]
    let name = series.prefix { $0 != "{" }
    let suffix = name.hasPrefix(open) ? name.dropFirst(open.count) : "?"
    let suffixes = families[open]?.kind == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
    guard suffixes.contains(String(suffix)),
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }),
      name.first?.isNumber == false
    else { throw Broken(description: "'\(line)' in the family \(open)") }
    try labels(series.dropFirst(name.count))
    let text = line[line.index(after: space)...]
    let value: Double? = text == "+Inf" ? .infinity : text == "-Inf" ? -.infinity : Double(text)
    guard let value, families[open]?.samples[String(series)] == nil else {
      throw Broken(description: "'\(line)' has no number, or stands twice")
    }
    families[open]?.samples[String(series)] = value
  }

  /// `{name="value",…}`, where a value holds `\\`, `\"` and `\n` and no bare quote.
  private func labels(_ text: Substring) throws {
    guard !text.isEmpty else { return }
    var rest = Array(text)
    guard rest.first == "{", rest.last == "}" else { throw Broken(description: "\(text)") }
    rest = Array(rest.dropFirst().dropLast())
    var at = 0
    func fail() -> Broken { Broken(description: "labels \(text), character \(at)") }
    while at < rest.count {
      let start = at
      while at < rest.count, rest[at].isASCII, rest[at].isLetter || rest[at] == "_" { at += 1 }
      guard at > start, at + 1 < rest.count, rest[at] == "=", rest[at + 1] == "\"" else {
        throw fail()
      }
      at += 2
      while at < rest.count, rest[at] != "\"" {
        if rest[at] == "\\" {
          at += 1
          guard at < rest.count, ["\\", "\"", "n"].contains(rest[at]) else { throw fail() }
        }
        at += 1
      }
      guard at < rest.count else { throw fail() }
      at += 1
      if at < rest.count {
        guard rest[at] == ",", at + 1 < rest.count else { throw fail() }
        at += 1
      }
    }
  }

  private func check(_ name: String, _ family: Family) throws {
    guard !family.kind.isEmpty, !family.samples.isEmpty else {
      throw Broken(description: "\(name) has no type or no sample")
    }
    if family.kind == "counter" && !name.hasSuffix("_total") {
      throw Broken(description: "the counter \(name) does not end in _total")
    }
    guard family.kind == "histogram" else { return }
    let buckets = family.samples.filter { $0.key.hasPrefix(name + "_bucket{le=\"") }
      .map { (bound: Self.bound($0.key, name), count: $0.value) }
      .sorted { $0.bound < $1.bound }
    guard buckets.last?.bound == .infinity, buckets.last?.count == family.samples[name + "_count"],
      zip(buckets, buckets.dropFirst()).allSatisfy({ $0.count <= $1.count })
    else { throw Broken(description: "the buckets of \(name) are not cumulative") }
  }

  private static func bound(_ series: String, _ name: String) -> Double {
    let text = series.dropFirst(name.count + "_bucket{le=\"".count).dropLast(2)
    return text == "+Inf" ? .infinity : Double(text) ?? .nan
  }
}
