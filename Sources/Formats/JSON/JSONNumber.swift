/// Appends numbers as JSON text.
public enum JSONNumber {
  /// Appends a finite double in the shortest form that reads back as the same double, laid out as
  /// Swift's `description` does: `0.1`, `1.0`, `1e-07`, `1.5e+16`.
  ///
  /// - Precondition: `value` is finite.
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    if value.magnitude < 0x1p53, value == value.rounded(.towardZero),
      value != 0 || value.sign == .plus
    {
      append(Int64(value), to: &bytes)
      bytes.append(addingCapacity: 2) { output in
        output.append(0x2E)
        output.append(0x30)
      }
    } else if let decimal = ShortestDecimal(value) {
      bytes.append(addingCapacity: ShortestDecimal.longestText) { decimal.write(to: &$0) }
    } else {
      precondition(value.isFinite, "JSON has no number for \(value)")
      bytes.append(contentsOf: value.description.utf8)
    }
  }

  /// Appends an integer.
  public static func append(_ value: Int64, to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 20) { output in
      if value < 0 { output.append(0x2D) }
      let magnitude = value.magnitude
      if magnitude < 100_000_000 {
        EightDigits(magnitude).writeNumber(to: &output)
        return
      }
      let (rest, low) = magnitude.quotientAndRemainder(dividingBy: 100_000_000)
      if rest < 100_000_000 {
        EightDigits(rest).writeNumber(to: &output)
      } else {
        let (high, middle) = rest.quotientAndRemainder(dividingBy: 100_000_000)
        EightDigits(high).writeNumber(to: &output)
        EightDigits(middle).write(0..<8, to: &output)
      }
      EightDigits(low).write(0..<8, to: &output)
    }
  }
}

/// The decimal digits of a number below 10^8, one a byte, the most significant in the lowest.
///
/// Source: the division by multiplication of P. Khuong, *How to print integers really fast*, 2017.
struct EightDigits {
  private let digits: UInt64

  /// - Precondition: `value` is below 10^8.
  init(_ value: UInt64) {
    let high = value / 10_000
    let fours = high | (value &- high &* 10_000) &<< 32
    let hundreds = (fours &* 5243) &>> 19 & 0x0000_007F_0000_007F
    let twos = hundreds | (fours &- hundreds &* 100) &<< 16
    let tens = (twos &* 103) &>> 10 & 0x000F_000F_000F_000F
    digits = tens | (twos &- tens &* 10) &<< 8
  }

  /// Zeros before the first digit that is not one; 8 for zero.
  var leadingZeroCount: Int { digits.trailingZeroBitCount / 8 }
  /// Zeros after the last digit that is not one; 8 for zero.
  var trailingZeroCount: Int { digits.leadingZeroBitCount / 8 }

  func write(_ places: Range<Int>, to output: inout OutputSpan<UInt8>) {
    var rest =
      (digits | 0x3030_3030_3030_3030) &>> UInt64(truncatingIfNeeded: 8 &* places.lowerBound)
    for _ in places {
      output.append(UInt8(truncatingIfNeeded: rest))
      rest &>>= 8
    }
  }

  /// Writes the number without leading zeros.
  func writeNumber(to output: inout OutputSpan<UInt8>) {
    write(min(7, leadingZeroCount)..<8, to: &output)
  }
}
