import ByteCoding
import Columns

extension RowFunction {
  /// As TFT's `apply_vocabulary`: the position of the token; what is not in the vocabulary gets
  /// `default_value`, or with out-of-vocabulary buckets `size + fingerprint64(x) mod buckets`. An
  /// int is looked up as its decimal text. The size of an empty vocabulary counts as 1, as TFT
  /// writes a dummy line then.
  static let applyVocabulary = RowFunction(
    "apply_vocabulary",
    [
      .required("x"), .required("vocabulary"), .keyword("default_value", .integer(-1)),
      .keyword("num_oov_buckets", .integer(0)),
    ],
    "the position of x in a vocabulary"
  ) { site in
    let type = try site.type(0, "a string or int") { $0 == .string || $0 == .int64 }
    let tokens = try site.constant("vocabulary", "a vocabulary or list of strings as a", tokenList)
    let buckets = try site.int("num_oov_buckets")
    guard buckets >= 0 else { throw site.fail("'num_oov_buckets' must not be negative") }
    let lookup = VocabularyLookup(
      index: TokenIndex(tokens), defaultValue: Int64(try site.int("default_value")),
      buckets: UInt64(buckets))
    let kernel: any RowKernel =
      type == .string ? LookUpStrings(map: .init(lookup)) : LookUpIntegers(lookup: lookup)
    return CompiledCall(type: .int64, inputs: [0], kernel: kernel)
  }

  private static func tokenList(_ value: ConstantValue) -> TokenList? {
    switch value {
    case .tokens(let tokens): return tokens
    case .list(let elements):
      var tokens = TokenList()
      for element in elements {
        guard case .string(let token) = element else { return nil }
        tokens.append(token.utf8)
      }
      return tokens
    default: return nil
    }
  }
}

/// The id of a string in a vocabulary.
struct VocabularyLookup: StringFunction {
  static let filler: Int64 = 0
  let index: TokenIndex
  let defaultValue: Int64
  /// How many out-of-vocabulary buckets there are.
  let buckets: UInt64

  func value(of bytes: ArraySlice<UInt8>) -> Int64 {
    let hash = fingerprint64(bytes)
    if let position = index.position(of: bytes, hash: hash) { return Int64(position) }
    if buckets == 0 { return defaultValue }
    return Int64(max(1, index.count)) + Int64(truncatingIfNeeded: hash % buckets)
  }
}

struct LookUpStrings: RowKernel {
  var map: StringMap<VocabularyLookup>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .int64(Int64Column(map.values(inputs[0]), validity: inputs[0].validity))
  }
}

struct LookUpIntegers: RowKernel {
  let lookup: VocabularyLookup

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    var text: [UInt8] = []
    let values = inputs[0].integers().map { value in
      text.removeAll(keepingCapacity: true)
      DecimalText.append(value, to: &text)
      return lookup.value(of: text[...])
    }
    return .int64(Int64Column(values, validity: inputs[0].validity))
  }
}
