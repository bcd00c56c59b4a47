/// Horizontal bars under one another, each with its name and number.
struct BarChart {
  struct Bar {
    var name: String
    var value: Double
    /// A line across the bar, such as what chance would give.
    var reference: Double?
    /// Between what the value lies.
    var interval: ClosedRange<Double>?
    var note = ""
  }

  var title: String
  var bars: [Bar]
  /// A line through all bars, such as the value of all rows.
  var line: Double?
  var lineName = ""

  var html: HTML {
    guard !bars.isEmpty else { return "" }
    let row = 22.0
    let (left, width) = (130.0, 210.0)
    var numbers: [Double] = [0, line ?? 0]
    for bar in bars {
      numbers += [bar.value, bar.reference ?? 0]
      if let interval = bar.interval { numbers += [interval.lowerBound, interval.upperBound] }
    }
    numbers.removeAll { !$0.isFinite }
    let least = numbers.min() ?? 0
    let most = max(numbers.max() ?? 1, least + 1e-12)
    func x(_ value: Double) -> Double { left + width * (min(value, most) - least) / (most - least) }
    let height = row * Double(bars.count) + (line == nil ? 4 : 20)
    let body = bars.enumerated().html { index, bar in
      let y = row * Double(index)
      let value = bar.value.isFinite ? bar.value : 0
      let (start, end) = (min(x(0), x(value)), max(x(0), x(value)))
      let extra: HTML =
        (bar.reference.map {
          "<path class='reference' d='M\(x($0)) \(y + 1)v18'/>"
        } ?? "")
        + (bar.interval.map {
          "<path class='interval s1' d='M\(x($0.lowerBound)) \(y + 10)H\(x($0.upperBound))M\(x($0.lowerBound)) \(y + 6)v8M\(x($0.upperBound)) \(y + 6)v8'/>"
        } ?? "")
      let name = bar.name.count > 20 ? String(bar.name.prefix(19)) + "…" : bar.name
      return """
        <text class='tick' text-anchor='end' x='\(left - 6)' y='\(y + 14)'>\(name)</text>\
        <rect class='mark bar' x='\(start)' y='\(y + 4)' width='\(max(0.5, end - start))' height='12'>\
        <title>\(bar.name): \(shown(bar.value))\(bar.note)</title></rect>\(extra)\
        <text class='tick' x='\(left + width + 6)' y='\(y + 14)'>\(shown(bar.value))\(bar.note)</text>
        """
    }
    let across: HTML =
      line.map {
        "<path class='reference' d='M\(x($0)) 0V\(height - 16)'/><text class='tick' text-anchor='middle' x='\(x($0))' y='\(height - 4)'>\(lineName) \(shown($0))</text>"
      } ?? ""
    return """
      <figure><figcaption>\(title)</figcaption>\
      <svg class='chart bars' role='img' aria-label='\(title)' data-marks='\(bars.count)' \
      viewBox='0 0 460 \(height)'>\(body)\(across)</svg></figure>

      """
  }
}
