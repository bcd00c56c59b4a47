import ByteCoding
import Columns

extension RowFunction {
  /// As TFT's `hash_strings`: FarmHash fingerprint64 modulo the number of buckets, or SipHash with
  /// a key of two integers. An int is hashed as its decimal text.
  static let hashStrings = RowFunction(
    "hash_strings",
    [.required("x"), .required("hash_buckets"), .optional("key", .none)],
    "the bucket of x, in 0..<hash_buckets, by FarmHash, or SipHash under a key"
  ) { site in
    let type = try site.type(0, "a string or int") { $0 == .string || $0 == .int64 }
    let buckets = try site.int("hash_buckets")
    guard buckets > 0 else { throw site.fail("'hash_buckets' must be positive") }
    let function = BucketHash(buckets: UInt64(buckets), key: try key(site))
    let kernel: any RowKernel =
      type == .string
      ? HashStringsKernel(map: .init(function)) : HashIntegersKernel(function: function)
    return CompiledCall(type: .int64, inputs: [0], kernel: kernel)
  }

  private static func key(_ site: CallSite) throws(ExpressionError) -> SipHashKey? {
    if site.isNone("key") { return nil }
    let words: [Int64] = try site.constant("key", "a list of two integers as a") { value in
      guard case .list(let elements) = value, elements.count == 2 else { return nil }
      let words = elements.compactMap { element -> Int64? in
        if case .int64(let word) = element { word } else { nil }
      }
      return words.count == 2 ? words : nil
    }
    return SipHashKey(UInt64(bitPattern: words[0]), UInt64(bitPattern: words[1]))
  }
}

/// The hash of a string, modulo the number of buckets.
struct BucketHash: StringFunction {
  static let filler: Int64 = 0
  let buckets: UInt64
  let key: SipHashKey?

  func value(of bytes: ArraySlice<UInt8>) -> Int64 {
    let hash = key.map { sipHash(bytes, key: $0) } ?? fingerprint64(bytes)
    return Int64(truncatingIfNeeded: hash % buckets)
  }
}

struct HashStringsKernel: RowKernel {
  var map: StringMap<BucketHash>

  mutating func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    .int64(Int64Column(map.values(inputs[0]), validity: inputs[0].validity))
  }
}

struct HashIntegersKernel: RowKernel {
  let function: BucketHash

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    var text: [UInt8] = []
    let values = inputs[0].integers().map { value in
      text.removeAll(keepingCapacity: true)
      DecimalText.append(value, to: &text)
      return function.value(of: text[...])
    }
    return .int64(Int64Column(values, validity: inputs[0].validity))
  }
}
