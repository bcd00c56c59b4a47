/// What the command line asks for.
struct Options {
  var rows = 1_000_000
  var directory = ""
  var seed: UInt64 = 1
  var files = 1
  /// Event time from the first row to the last.
  var hours = 6
  var hasLateRows = true
  var isShuffled = false

  var spanMilliseconds: Int { hours * 3_600_000 }

  static let usage = """
    rides-generator --out DIR [--rows N] [--seed N] [--files K] [--hours H] [--no-late] [--shuffle]

      --out DIR    where rides-1.jsonl … rides-K.jsonl are written; made if it is missing
      --rows N     lines in all, 12 of which are poison (default 1000000)
      --seed N     another stream of the same kind (default 1)
      --files K    consecutive slices of the stream (default 1)
      --hours H    event time the rows are spread over (default 6: across a midnight)
      --no-late    the 0.02 % of rows that come over 10 minutes late come on time
      --shuffle    the same rows in another order, none over 10 s out of order; needs --no-late

    """

  struct UsageError: Error {
    let message: String
  }

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      switch name {
      case "--no-late": hasLateRows = false
      case "--shuffle": isShuffled = true
      case "--out": directory = try Self.value(of: name, &rest)
      case "--seed": seed = UInt64(try Self.number(of: name, &rest, least: 0))
      case "--rows": rows = try Self.number(of: name, &rest, least: 1)
      case "--files": files = try Self.number(of: name, &rest, least: 1)
      case "--hours": hours = try Self.number(of: name, &rest, least: 1)
      default: throw UsageError(message: "unknown option '\(name)'")
      }
    }
    if directory.isEmpty { throw UsageError(message: "--out DIR is missing") }
    if isShuffled && hasLateRows {
      throw UsageError(message: "--shuffle would bring late rows in time; add --no-late")
    }
  }

  private static func value(
    of name: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = rest.popFirst() else { throw UsageError(message: "\(name) needs a value") }
    return value
  }

  private static func number(
    of name: String, _ rest: inout ArraySlice<String>, least: Int
  ) throws(UsageError) -> Int {
    let text = try value(of: name, &rest)
    guard let number = Int(text), number >= least, number <= 1_000_000_000 else {
      throw UsageError(
        message: "\(name): '\(text)' is not a whole number from \(least) to 1000000000")
    }
    return number
  }
}
