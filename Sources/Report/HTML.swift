/// Text that becomes HTML.
struct HTML: ExpressibleByStringInterpolation {
  private(set) var text = ""

  init() {}
  init(_ html: HTML) { self = html }
  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Whether nothing was written.
  var isEmpty: Bool { text.isEmpty }

  mutating func append(_ other: HTML) { text += other.text }

  static func + (one: HTML, two: HTML) -> HTML {
    var sum = one
    sum.append(two)
    return sum
  }

  /// Strings put in are escaped, HTML is not.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ html: HTML) { text += html.text }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    mutating func appendInterpolation(_ coordinate: Double) {
      text += "\((coordinate * 100).rounded() / 100)"
    }
    mutating func appendInterpolation(_ string: String) { text += HTML.escaped(string) }
  }

  private static func escaped(_ string: String) -> String {
    var result = ""
    for character in string.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

extension Sequence {
  /// The parts one after the other.
  func html(_ part: (Element) -> HTML) -> HTML {
    reduce(into: HTML()) { $0.append(part($1)) }
  }
}

/// Numbers for people: four significant digits, counts whole.
func shown(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
  if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
  var scale = 1000.0
  var magnitude = abs(value)
  while magnitude < 0.1, scale < 1e12 {
    scale *= 10
    magnitude *= 10
  }
  if abs(value) >= 1000 { scale = 10 }
  return "\((value * scale).rounded() / scale)"
}
