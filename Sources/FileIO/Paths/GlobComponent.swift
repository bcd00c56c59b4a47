/// One component of a path pattern: literal text, or text with `*`, `?` and `[…]`.
///
/// `*` is any text, `?` one Unicode scalar, `[a-z]` and `[!a-z]` one of a set; a backslash takes
/// the next character as it is. A name with a leading dot matches only a pattern with one.
struct GlobComponent: Hashable {
  private enum Token: Hashable {
    case literal(Unicode.Scalar)
    case anyText
    case anyScalar
    case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
  }

  private var tokens: [Token] = []

  init(_ pattern: Substring) {
    var rest = Array(pattern.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": tokens.append(.anyText)
      case "?": tokens.append(.anyScalar)
      case "[": tokens.append(Self.set(&rest) ?? .literal(scalar))
      case "\\": tokens.append(.literal(rest.popFirst() ?? scalar))
      default: tokens.append(.literal(scalar))
      }
    }
  }

  /// The text, if the component matches only itself.
  var literal: String? {
    var text = String.UnicodeScalarView()
    for token in tokens {
      guard case .literal(let scalar) = token else { return nil }
      text.append(scalar)
    }
    return String(text)
  }

  /// - Complexity: O(name × pattern) at worst; no recursion.
  func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    if scalars.first == "." && tokens.first != .literal(".") { return false }
    var (position, token) = (0, 0)
    var retry: (position: Int, token: Int)?
    while position < scalars.count {
      if token < tokens.count, tokens[token] == .anyText {
        retry = (position, token + 1)
        token += 1
      } else if token < tokens.count, Self.matches(tokens[token], scalars[position]) {
        (position, token) = (position + 1, token + 1)
      } else if let last = retry {
        retry = (last.position + 1, last.token)
        (position, token) = (last.position + 1, last.token)
      } else {
        return false
      }
    }
    return tokens[token...].allSatisfy { $0 == .anyText }
  }

  private static func matches(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
    switch token {
    case .literal(let expected): scalar == expected
    case .anyText, .anyScalar: true
    case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
    }
  }

  /// The set that starts after `[`, or `nil` (and nothing consumed) if it is not closed.
  private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
    var scalars = rest
    let isNegated = scalars.first == "!" || scalars.first == "^"
    if isNegated { scalars.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let low = scalars.popFirst() {
      if low == "]" && !ranges.isEmpty {
        rest = scalars
        return .set(ranges, isNegated: isNegated)
      }
      let after = scalars.dropFirst()
      if scalars.first == "-", let high = after.first, high != "]", low <= high {
        ranges.append(low...high)
        scalars = after.dropFirst()
      } else {
        ranges.append(low...low)
      }
    }
    return nil
  }
}
