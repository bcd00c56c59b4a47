import Columns

extension RowFunction {
  /// The Poisson bootstrap, as TFMA has it.
  static let bootstrapSamples = RowFunction(
    "bootstrap_samples", [.required("row"), .required("count")],
    "0, and each of 1…count as often as a Poisson draw of mean 1 from the hash of row says",
    isElementwise: false
  ) { site in
    let kernel = BootstrapKernel(count: try sampleCount(site))
    return CompiledCall(type: .list(.int64), inputs: [0], kernel: kernel)
  }

  static let jackknifePart = RowFunction(
    "jackknife_part", [.required("row"), .required("count")],
    "one of 1…count, drawn from the hash of row", isElementwise: false
  ) { site in
    let kernel = JackknifeKernel(count: try sampleCount(site))
    return CompiledCall(type: .int64, inputs: [0], kernel: kernel)
  }

  /// Source: Efraimidis, Spirakis 2006, as in TFMA 0.52 `sample_metrics.py`, whose tags are drawn anew.
  static let sampleOrder = RowFunction(
    "sample_order", [.required("row"), .optional("weight", .number(1))],
    "−ln u / weight, with u in 0…1 from the hash of row: the rows with the k least are a random "
      + "sample of k; missing for weights that are not positive",
    isElementwise: false
  ) { site in
    _ = try site.type(0, "an int") { $0 == .int64 }
    _ = try site.number(1)
    return CompiledCall(type: .float64, inputs: [0, 1], kernel: SampleOrderKernel())
  }

  private static func sampleCount(_ site: CallSite) throws(ExpressionError) -> Int {
    _ = try site.type(0, "an int") { $0 == .int64 }
    let count = try site.int("count")
    guard (1...1000).contains(count) else { throw site.fail("'count' must be in 1…1000") }
    return count
  }
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the result depends on every
/// bit of `value`.
private func mixed(_ value: UInt64) -> UInt64 {
  var z = value &+ 0x9E37_79B9_7F4A_7C15  // Wraps by design.
  z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
  return z ^ z >> 31
}

struct BootstrapKernel: RowKernel {
  let count: Int

  /// The chance, of 2^64, that a Poisson variable of mean 1 is at most its index.
  private static let chances: [UInt64] = {
    var chances: [UInt64] = []
    var term = 0.36787944117144233
    var sum = 0.0
    for k in 0..<18 {
      sum += term
      chances.append(UInt64(min(sum, 1 - 0x1p-53) * 0x1p64))
      term /= Double(k + 1)
    }
    return chances
  }()

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let rows = inputs[0].integers()
    var samples: [Int64] = []
    var offsets: [UInt32] = [0]
    for row in 0..<rowCount {
      samples.append(0)
      let seed = mixed(UInt64(bitPattern: rows[row]))
      for sample in 1...count {
        let draw = mixed(seed ^ UInt64(sample))
        for _ in 0..<(Self.chances.firstIndex { draw < $0 } ?? Self.chances.count) {
          samples.append(Int64(sample))
        }
      }
      offsets.append(UInt32(samples.count))
    }
    return .list(
      ListColumn(
        elements: .int64(Int64Column(samples)), offsets: offsets, validity: inputs[0].validity))
  }
}

struct JackknifeKernel: RowKernel {
  let count: Int

  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let parts = inputs[0].integers().map { row in
      Int64(mixed(UInt64(bitPattern: row)).multipliedFullWidth(by: UInt64(count)).high) + 1
    }
    return .int64(Int64Column(parts, validity: inputs[0].validity))
  }
}

struct SampleOrderKernel: RowKernel {
  func evaluate(_ inputs: [Column], rowCount: Int) -> Column {
    let rows = inputs[0].integers()
    let weights = inputs[1].doubles()
    let validity = inputs.commonValidity(rowCount)
    var order = [Double](repeating: 0, count: rowCount)
    var missing: [Int] = []
    for row in 0..<rowCount where validity.isPresent(row) {
      guard weights[row] > 0 else {
        missing.append(row)
        continue
      }
      // Twice, so that it is independent of the samples of intervals.
      let draw = mixed(mixed(UInt64(bitPattern: rows[row])))
      order[row] = -NaturalLogarithm.of((Double(draw >> 11) + 0.5) * 0x1p-53) / weights[row]
    }
    return .float64(Float64Column(order, validity: validity.excluding(missing)))
  }
}
