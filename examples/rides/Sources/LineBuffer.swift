/// Text under construction, as bytes.
struct LineBuffer {
  var bytes: [UInt8] = []

  mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A number that is not negative, with zeros in front up to `digits`.
  mutating func integer(_ number: Int, digits: Int = 1) {
    let start = bytes.count
    var rest = number
    var count = 0
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
      count += 1
    } while rest > 0 || count < digits
    bytes[start...].reverse()
  }

  /// `number` / 10^`decimals`, which is not negative.
  mutating func fixed(_ number: Int, decimals: Int) {
    let scale = decimals == 2 ? 100 : decimals == 3 ? 1_000 : 10_000
    integer(number / scale)
    bytes.append(UInt8(ascii: "."))
    integer(number % scale, digits: decimals)
  }
}
