/// A chart as SVG: axes, marks, and a title for each mark that says its numbers.
struct Chart {
  /// One line or one set of points.
  struct Series {
    var name: String
    var points: [Point]
    var isLine = true
  }

  struct Point {
    var x: Double
    var y: Double
    /// What lies around `y`.
    var interval: ClosedRange<Double>?
    /// What a reader sees who points at it.
    var title: String
    /// Drawn hollow, such as a pane that replaced another.
    var isHollow = false
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var series: [Series]
  /// Names along the x axis, at 0, 1, 2, …; numbers if there are none.
  var names: [String] = []
  var xRange: ClosedRange<Double>?
  var yRange: ClosedRange<Double>?
  /// A thin line from corner to corner, what a perfect or a guessing model would give.
  var hasDiagonal = false

  private static let size = (width: 460.0, height: 300.0)
  private static let frame = (left: 58.0, right: 12.0, top: 10.0, bottom: 46.0)

  /// The chart in a figure with its title and, for several series, a legend.
  var html: HTML {
    let count = series.reduce(0) { $0 + $1.points.count }
    guard count > 0 else { return "" }
    let scale = scale
    let body =
      axes(scale)
      + (hasDiagonal
        ? "<path class='diagonal' d='M\(scale.x(scale.xRange.lowerBound)) \(scale.y(scale.yRange.lowerBound))L\(scale.x(scale.xRange.upperBound)) \(scale.y(scale.yRange.upperBound))'/>"
        : "")
      + series.enumerated().html { draw($0.element, number: $0.offset % 6, scale) }
    let names =
      series.count < 2
      ? HTML()
      : "<ul class='legend'>\(series.enumerated().html { "<li>\(Self.sample($0.offset % 6)) \($0.element.name)</li>" })</ul>"
    return """
      <figure><figcaption>\(title)</figcaption>\
      <svg class='chart' role='img' aria-label='\(title)' data-marks='\(count)' \
      viewBox='0 0 \(Self.size.width) \(Self.size.height)'>\(body)</svg>\(names)</figure>

      """
  }

  /// From numbers to places.
  private struct Scale {
    var xRange: ClosedRange<Double>
    var yRange: ClosedRange<Double>

    func x(_ value: Double) -> Double {
      let width = size.width - frame.left - frame.right
      return frame.left + width * Self.share(value, xRange)
    }

    func y(_ value: Double) -> Double {
      let height = size.height - frame.top - frame.bottom
      return frame.top + height * (1 - Self.share(value, yRange))
    }

    private static func share(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      let width = range.upperBound - range.lowerBound
      return width > 0 ? min(1, max(0, (value - range.lowerBound) / width)) : 0.5
    }
  }

  private var scale: Scale {
    let points = series.flatMap(\.points)
    let ys: [Double] = points.flatMap { point -> [Double] in
      [point.y, point.interval?.lowerBound ?? point.y, point.interval?.upperBound ?? point.y]
    }
    let xs = names.isEmpty ? points.map(\.x) : [-0.5, Double(names.count) - 0.5]
    return Scale(xRange: xRange ?? Self.range(xs), yRange: yRange ?? Self.range(ys, margin: 0.08))
  }

  private static func range(_ values: [Double], margin: Double = 0) -> ClosedRange<Double> {
    let finite = values.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...1 }
    let width = high > low ? (high - low) * margin : max(abs(low) * 0.1, 0.5)
    return low - width...high + width
  }

  private func axes(_ scale: Scale) -> HTML {
    let (left, bottom) = (Self.frame.left, Self.size.height - Self.frame.bottom)
    let right = Self.size.width - Self.frame.right
    var html: HTML = ""
    for value in Self.ticks(scale.yRange) {
      let y = scale.y(value)
      html.append(
        "<path class='grid' d='M\(left) \(y)H\(right)'/><text class='tick' text-anchor='end' x='\(left - 5)' y='\(y + 4)'>\(shown(value))</text>"
      )
    }
    html.append("<path class='axis' d='M\(left) \(Self.frame.top)V\(bottom)H\(right)'/>")
    if names.isEmpty {
      for value in Self.ticks(scale.xRange) {
        html.append(
          "<text class='tick' text-anchor='middle' x='\(scale.x(value))' y='\(bottom + 16)'>\(shown(value))</text>"
        )
      }
    } else {
      // As many names as have room.
      let room = max(1, Int(9.0 * 44 / Double(max(44, names.map(\.count).max() ?? 1) * 1)))
      let step = max(1, (names.count + room - 1) / room)
      for index in stride(from: 0, to: names.count, by: step) {
        html.append(
          "<text class='tick' text-anchor='middle' x='\(scale.x(Double(index)))' y='\(bottom + 16)'>\(Self.short(names[index]))</text>"
        )
      }
    }
    html.append(
      "<text class='label' text-anchor='middle' x='\((left + right) / 2)' y='\(Self.size.height - 8)'>\(xLabel)</text>"
    )
    html.append(
      "<text class='label' text-anchor='middle' transform='translate(13 \((Self.frame.top + bottom) / 2)) rotate(-90)'>\(yLabel)</text>"
    )
    return html
  }

  private static func short(_ name: String) -> String {
    name.count > 12 ? name.prefix(11) + "…" : name
  }

  /// Four to eight round numbers in `range`.
  private static func ticks(_ range: ClosedRange<Double>) -> [Double] {
    let width = range.upperBound - range.lowerBound
    guard width > 0, width.isFinite else { return [range.lowerBound] }
    var step = 1.0
    while step * 5 > width { step /= 10 }
    while step * 50 < width { step *= 10 }
    let factors = [1.0, 2, 5, 10]
    step *= factors.first { width / (step * $0) <= 6 } ?? 10
    let first = (range.lowerBound / step).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    guard last >= first else { return [range.lowerBound, range.upperBound] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private func draw(_ series: Series, number: Int, _ scale: Scale) -> HTML {
    var html: HTML = ""
    let known = series.points.filter(\.y.isFinite)
    for point in known {
      guard let interval = point.interval else { continue }
      let (x, low, high) = (
        scale.x(point.x), scale.y(interval.lowerBound), scale.y(interval.upperBound)
      )
      html.append(
        "<path class='interval s\(number)' d='M\(x) \(low)V\(high)M\(x - 3) \(low)h6M\(x - 3) \(high)h6'/>"
      )
    }
    if series.isLine, known.count > 1 {
      let path = known.enumerated().html {
        "\($0.offset == 0 ? "M" : "L")\(scale.x($0.element.x)) \(scale.y($0.element.y))"
      }
      html.append("<path class='line s\(number)' d='\(path)'/>")
    }
    // A point that is not known stands on the axis, so that it is not forgotten.
    for point in series.points {
      html.append(
        Self.mark(
          number, x: scale.x(point.x),
          y: scale.y(point.y.isFinite ? point.y : scale.yRange.lowerBound),
          isHollow: point.isHollow, isSmall: series.points.count > 60, title: point.title))
    }
    return html
  }

  /// A circle, square, diamond, triangle, cross or bar.
  private static func mark(
    _ number: Int, x: Double, y: Double, isHollow: Bool, isSmall: Bool, title: String
  ) -> HTML {
    let r = isSmall ? 1.6 : 3.6
    let shape: HTML =
      switch number {
      case 0: "M\(x - r) \(y)a\(r) \(r) 0 1 0 \(2 * r) 0a\(r) \(r) 0 1 0 \(-2 * r) 0"
      case 1: "M\(x - r) \(y - r)h\(2 * r)v\(2 * r)h\(-2 * r)z"
      case 2:
        "M\(x) \(y - 1.4 * r)l\(1.4 * r) \(1.4 * r)l\(-1.4 * r) \(1.4 * r)l\(-1.4 * r) \(-1.4 * r)z"
      case 3: "M\(x) \(y - 1.3 * r)l\(1.3 * r) \(2.2 * r)h\(-2.6 * r)z"
      case 4: "M\(x - r) \(y - r)l\(2 * r) \(2 * r)m0 \(-2 * r)l\(-2 * r) \(2 * r)"
      default: "M\(x) \(y - 1.5 * r)v\(3 * r)"
      }
    return
      "<path class='mark s\(number)\(isHollow ? " hollow" : "")' d='\(shape)'><title>\(title)</title></path>"
  }

  private static func sample(_ number: Int) -> HTML {
    """
    <svg class='sample' viewBox='0 0 30 12' aria-hidden='true'>\
    <path class='line s\(number)' d='M0 6H30'/>\
    \(mark(number, x: 15, y: 6, isHollow: false, isSmall: false, title: ""))</svg>
    """
  }
}
