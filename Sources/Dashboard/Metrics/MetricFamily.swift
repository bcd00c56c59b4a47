import Dataflow

/// Samples under one name, for Prometheus.
///
/// Text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  struct Sample {
    /// After the name of the family: `_bucket`, `_sum`, `_count`, or nothing.
    var suffix = ""
    var labels: [(name: String, value: String)]
    var value: Double
  }

  var name: String
  var help: String
  var kind: Kind
  var samples: [Sample] = []

  init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.help = help
    self.kind = kind
  }

  /// A family of one sample without labels; of none for `nil`.
  init(_ name: String, _ kind: Kind, _ help: String, _ value: Double?) {
    self.init(name, kind, help)
    if let value { add([], value) }
  }

  init(_ name: String, _ help: String, _ histogram: DurationHistogram) {
    self.init(name, .histogram, help)
    var total = 0
    let bounds = DurationHistogram.bounds.map { Self.text($0) } + ["+Inf"]
    for (bound, count) in zip(bounds, histogram.counts) {
      total += count
      samples.append(
        Sample(suffix: "_bucket", labels: [("le", bound)], value: Double(total)))
    }
    samples.append(Sample(suffix: "_sum", labels: [], value: histogram.sum))
    samples.append(Sample(suffix: "_count", labels: [], value: Double(total)))
  }

  mutating func add(_ labels: [(name: String, value: String)], _ value: Double) {
    samples.append(Sample(labels: labels, value: value))
  }

  /// The lines of the family; nothing without samples.
  var text: String {
    guard !samples.isEmpty else { return "" }
    let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    var text = "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      text += name + sample.suffix
      if !sample.labels.isEmpty {
        text += "{"
        text += sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
          .joined(separator: ",")
        text += "}"
      }
      text += " \(Self.text(sample.value))\n"
    }
    return text
  }

  private static func escaped(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
  }

  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int64(exactly: value).map(String.init) ?? "\(value)"
  }
}
