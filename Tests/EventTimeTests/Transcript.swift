import EventTime
import Foundation

/// One document of Beam's `trigger_transcripts.yaml`, of whose YAML only the used part is read.
struct Transcript: Sendable, CustomStringConvertible {
  struct Expectation: Sendable {
    /// Key and text of the value: `window: "0, 9"`, `late: "true"`.
    var fields: [String: String]
  }

  enum Event: Sendable {
    case input([Int64])
    case watermark(Int64)
    case expect([Expectation])
  }

  var settings: [String: String] = [:]
  var events: [Event] = []

  var name: String { settings["name"] ?? "?" }
  var description: String { name }

  static func load() throws -> [Transcript] {
    try String(contentsOf: Fixtures.beam("trigger_transcripts.yaml"), encoding: .utf8)
      .components(separatedBy: "\n---").map(Transcript.init).filter { !$0.settings.isEmpty }
  }

  private init(_ document: String) {
    var section = ""
    // Expectations may go on in the next line.
    let joined = document.split(separator: "\n").map(Self.withoutComment)
      .joined(separator: "\n").replacing(/,\s*\n\s*/, with: ", ")
    for line in joined.split(separator: "\n") {
      let text = line.trimmingCharacters(in: .whitespaces)
      if line.first?.isLetter == true {
        let pair = Self.pair(text)
        section = pair.key
        settings[pair.key] = pair.value
      } else if section == "transcript", text.hasPrefix("-") {
        append(text.dropFirst().trimmingCharacters(in: .whitespaces))
      }
    }
  }

  private mutating func append(_ item: String) {
    if item.hasPrefix("{"), case .expect(let list)? = events.last {
      events[events.count - 1] = .expect(list + [Expectation(item)])
      return
    }
    let (key, value) = Self.pair(item)
    switch key {
    case "input":
      events.append(.input(Expectation.list(value).compactMap(Int64.init)))
    case "watermark": events.append(.watermark(Int64(value) ?? 0))
    case "expect": events.append(.expect([]))
    // What Beam's Python driver keeps in its state: not ours to compare.
    default: break
    }
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    line.prefix { $0 != "#" }
  }

  static func pair(_ text: String) -> (key: String, value: String) {
    let parts = text.split(separator: ":", maxSplits: 1)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    return (parts[0], parts.count > 1 ? parts[1] : "")
  }
}

extension Transcript.Expectation {
  init(_ text: String) {
    fields = [:]
    // Commas inside brackets do not separate.
    for match in text.matches(of: /(\w+):\s*(\[[^\]]*\]|[^,}]+)/) {
      fields[String(match.1)] = match.2.trimmingCharacters(in: .whitespaces)
    }
  }

  static func list(_ text: String) -> [String] {
    text.trimmingCharacters(in: CharacterSet(charactersIn: "[] ")).split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Whether a pane has every attribute that is named.
  func matches(_ firing: PaneFiring, _ values: [Int]) -> Bool {
    guard let pane = firing.pane else { return false }
    return fields.allSatisfy { key, text in
      switch key {
      case "window":
        Self.list(text)
          == [firing.window.start, firing.window.maxTimestamp]
          .map { "\($0.microseconds)" }
      case "values": Self.list(text).compactMap(Int.init).sorted() == values
      case "timestamp": text == "\(firing.timestamp.microseconds)"
      case "index": text == "\(pane.index)"
      case "nonspeculative_index": text == "\(pane.nonSpeculativeIndex ?? -1)"
      case "early": text == "\(pane.timing == .early)"
      case "late": text == "\(pane.timing == .late)"
      case "final": text == "\(pane.isLast)"
      default: false
      }
    }
  }
}
