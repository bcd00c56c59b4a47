import Accumulators
import ArgumentParser
import Dataflow
import EventTime
import Evaluation
import Expressions
import Transform

/// What `limno catalog` can list.
enum CatalogSection: String, ExpressibleByArgument, CaseIterable {
  case analyzers, mappers, functions, aggregates, metrics, triggers, windows, watermarks,
    accumulators

  var title: String {
    switch self {
    case .analyzers: "Analyzers: full-pass statistics whose values become constants of a transform"
    case .mappers: "Mappers: functions of a row, in transforms"
    case .functions: "Row functions: in every formula"
    case .aggregates: "Aggregate functions: the values of aggregate stages"
    case .metrics: "Metrics: of evaluate stages"
    case .triggers: "Triggers: when the panes of a window fire"
    case .windows: "Windows"
    case .watermarks: "Watermark estimators: how far the event time of a split has come"
    case .accumulators: "Accumulators: the states that partial results are kept in"
    }
  }

  var lines: [CatalogLine] {
    switch self {
    case .analyzers: AnalyzerCatalog.entries.map(CatalogLine.init)
    case .mappers: MapperCatalog.entries.map(CatalogLine.init)
    case .functions:
      RowFunctionCatalog.all.map {
        CatalogLine(name: $0.name, form: $0.signature.description, text: $0.summary)
      }
    case .aggregates:
      AggregateFunctionCatalog.all.map {
        CatalogLine(name: $0.name, form: $0.signature.description, text: $0.summary)
      }
    case .metrics: MetricCatalog.rows.map(CatalogLine.init)
    case .triggers:
      TriggerCatalog.all.map { CatalogLine(name: $0.name, form: $0.form, text: $0.summary) }
    case .windows:
      // What `drift` makes of calendar windows is not asked for by name.
      WindowFnCatalog.all.filter { $0 != PrecededCalendarWindows.self }
        .map(CatalogLine.init(windowFn:))
    case .watermarks: WatermarkEstimatorCatalog.all.map(CatalogLine.init(estimator:))
    case .accumulators:
      AccumulatorCatalog.all.map { CatalogLine(name: $0.name, form: $0.name, text: "\($0.type)") }
    }
  }
}

/// A thing with a name that a job file may, or may not yet, use.
struct CatalogLine {
  var name: String
  /// How it is written, arguments and all.
  var form: String
  /// What it does; of what is not supported, why.
  var text: String
  var isSupported = true
}

extension CatalogLine {
  init(_ entry: CatalogEntry) {
    switch entry.status {
    case .supported: self.init(name: entry.name, form: entry.signature, text: entry.summary)
    case .planned(let reason):
      self.init(name: entry.name, form: entry.name, text: reason, isSupported: false)
    }
  }

  init(_ row: MetricCatalog.Row) {
    let parameters = row.parameters.map(\.name).joined(separator: ", ")
    self.init(
      name: row.name, form: parameters.isEmpty ? row.name : "\(row.name): { \(parameters) }",
      text: row.summary, isSupported: row.isSupported)
  }

  init(estimator: any WatermarkEstimator.Type) {
    let parameters = estimator.parameters.map(\.name).joined(separator: ", ")
    self.init(
      name: estimator.name, form: "\(estimator.name): { \(parameters) }", text: estimator.summary)
  }

  init(windowFn: any WindowFn.Type) {
    let name = windowFn.name
    let forms = [
      "fixed": ("fixed: SIZE, offset: OFFSET", "one after the other, all of one size"),
      "sliding": ("sliding: { size: SIZE, every: PERIOD }", "overlapping, all of one size"),
      "sessions": ("sessions: { gap: GAP, key: [COLUMN] }", "bursts of rows of one key"),
      "global": ("global: {}", "all of event time"),
      "calendar": ("calendar: { days: 1, time_zone: ZONE }", "days, weeks, months, years"),
    ]
    let (form, text) = forms[name] ?? (name, "")
    self.init(name: name, form: form, text: text, isSupported: true)
  }
}
