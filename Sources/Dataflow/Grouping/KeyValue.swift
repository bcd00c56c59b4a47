/// One component of a grouping key.
///
/// Equality is that of bytes: strings are not normalized, NaN equals NaN, −0 differs from 0.
public enum KeyValue: Hashable, Sendable {
  case missing
  case bool(Bool)
  case int64(Int64)
  case float64(Double)
  case string(String)

  public static func == (one: Self, two: Self) -> Bool {
    switch (one, two) {
    case (.missing, .missing): true
    case (.bool(let one), .bool(let two)): one == two
    case (.int64(let one), .int64(let two)): one == two
    case (.float64(let one), .float64(let two)): one.bitPattern == two.bitPattern
    case (.string(let one), .string(let two)): one.utf8.elementsEqual(two.utf8)
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .missing: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int64(let value): hasher.combine(value)
    case .float64(let value): hasher.combine(value.bitPattern)
    // Equal bytes are canonically equivalent, so String's own hash agrees with ==.
    case .string(let value): hasher.combine(value)
    }
  }
}
