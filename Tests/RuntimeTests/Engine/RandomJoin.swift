import DataflowTesting
import FileIOTesting

@testable import CommandLineTool

/// A random job with a label join, and its rows.
struct RandomJoin {
  struct Row {
    var time: Int64
    /// `nil`: the record lacks it.
    var key: String?
    var country: String?
    /// In tenths.
    var score: Int64
    /// `nil`: the record lacks it.
    var label: Int64?
    var weight: Int64
  }

  struct StageSpec {
    var isEvaluation: Bool
    var size: Int64
    var every: Int64?
    var lateness: Int64
    var trigger: String?
    var isRetracting: Bool
  }

  /// Shape `[files][rows]`.
  var predictions: [[Row]]
  var labels: [[Row]]
  var stages: [StageSpec]
  var wait: Int64
  /// Of predictions, of labels.
  var outOfOrderness: [Int64]
  var hasFilter: Bool

  init(_ generator: inout SeededGenerator) {
    wait = [5, 20, 60, 200].randomElement(using: &generator) ?? 5
    outOfOrderness = (0..<2).map { _ in Int64.random(in: 0...6, using: &generator) }
    hasFilter = Int.random(in: 0..<4, using: &generator) == 0
    stages = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
      let size = Int64.random(in: 5...60, using: &generator)
      let isSliding = Int.random(in: 0..<4, using: &generator) == 0
      return StageSpec(
        isEvaluation: Bool.random(using: &generator), size: size,
        every: isSliding ? max(1, size / Int64.random(in: 1...4, using: &generator)) : nil,
        lateness: [0, 0, 5, 30].randomElement(using: &generator) ?? 0,
        trigger: [
          nil, nil, "{ after_watermark: { late: { after_count: 3 } } }",
          "{ after_watermark: { early: { after_count: 4 }, late: { after_count: 1 } } }",
        ].randomElement(using: &generator) ?? nil,
        isRetracting: Int.random(in: 0..<4, using: &generator) == 0)
    }
    let rows = Self.rows(
      wait: wait, disorder: [0, 3, 30, 100].randomElement(using: &generator) ?? 0, &generator)
    predictions = Self.files(rows.predictions, &generator)
    labels = Self.files(rows.labels, &generator)
  }

  private typealias Timed = [(row: Row, at: Int64)]

  /// Predictions and labels with the time at which each is written; keys come again now and then.
  private static func rows(
    wait: Int64, disorder: Int64, _ generator: inout SeededGenerator
  ) -> (predictions: Timed, labels: Timed) {
    var predictions: Timed = []
    var labels: Timed = []
    var time: Int64 = 1_788_220_800
    let step = Int64.random(in: 0...5, using: &generator)
    let keyCount = [10, 60, 1000].randomElement(using: &generator) ?? 60
    for _ in 0..<Int.random(in: 0...100, using: &generator) {
      time += Int64.random(in: 0...step, using: &generator)
      var row = Row(
        time: time, key: "k\(Int.random(in: 0..<keyCount, using: &generator))",
        country: ["de", "fr", "Österreich", nil].randomElement(using: &generator) ?? nil,
        score: Int64.random(in: 0...10, using: &generator), label: nil,
        weight: Int64.random(in: 0...3, using: &generator))
      if Int.random(in: 0..<20, using: &generator) == 0 { row.key = nil }
      func late(_ time: Int64) -> Int64 { time + Int64.random(in: 0...disorder, using: &generator) }
      predictions.append((row, late(time)))
      if Int.random(in: 0..<10, using: &generator) == 0 { predictions.append((row, late(time))) }
      for _ in 0..<[0, 1, 1, 1, 1, 2][Int.random(in: 0..<6, using: &generator)] {
        row.time = time + Int64.random(in: -1...(wait + 2), using: &generator)
        row.label = [0, 1, 1, nil].randomElement(using: &generator) ?? nil
        labels.append((row, late(row.time)))
      }
      if Int.random(in: 0..<15, using: &generator) == 0 {
        row.key = "nobody"
        labels.append((row, late(row.time)))
      }
    }
    return (predictions, labels)
  }

  private static func files(_ rows: Timed, _ generator: inout SeededGenerator) -> [[Row]] {
    var files: [[Row]] = Array(repeating: [], count: Int.random(in: 1...3, using: &generator))
    for (row, _) in rows.sorted(by: { $0.at < $1.at }) {
      files[Int.random(in: files.indices, using: &generator)].append(row)
    }
    return files
  }

  func plan(in directory: TemporaryDirectory) throws -> JobPlan {
    let yaml = """
      job: joined
      join:
        predictions:
          files: { paths: [\(try write(predictions, "p", directory))], format: jsonl }
          schema: { at: timestamp_s, id: string, country: string, score: float, w: int }
          event_time: { column: at, max_out_of_orderness: \(outOfOrderness[0])s }
      \(hasFilter ? "    filter: score > 0.25" : "")
        labels:
          files: { paths: [\(try write(labels, "l", directory))], format: jsonl }
          schema: { at: timestamp_s, ride: string, tipped: int }
          event_time: { column: at, max_out_of_orderness: \(outOfOrderness[1])s }
        on: { predictions: id, labels: ride }
        label_wait: \(wait)s
      evaluate: [\(stages(where: \.isEvaluation).joined(separator: ", "))]
      aggregate: [\(stages(where: { !$0.isEvaluation }).joined(separator: ", "))]
      output: { snapshots: out }
      """.replacing("evaluate: []\n", with: "").replacing("aggregate: []\n", with: "")
    return try EngineRun.plan(yaml, at: try directory.write("job.yaml", yaml))
  }

  /// In the order of the pipeline: evaluations first.
  var ordered: [StageSpec] { stages.filter(\.isEvaluation) + stages.filter { !$0.isEvaluation } }

  private func stages(where isWanted: (StageSpec) -> Bool) -> [String] {
    stages.filter(isWanted).enumerated().map { index, stage in
      let windows =
        stage.every.map { "sliding: { size: \(stage.size)s, every: \($0)s }" }
        ?? "fixed: \(stage.size)s"
      let trigger = stage.trigger.map { ", trigger: \($0)" } ?? ""
      let mode = stage.isRetracting ? "retracting" : "accumulating"
      let body =
        stage.isEvaluation
        ? """
        label: tipped, prediction: score, weight: w, slices: [[], [country]],
          metrics: [example_count, mean_label, mean_prediction, calibration, binary_accuracy,
            precision, recall, auc]
        """ : "keys: [country], values: { n: count(), total: sum(tipped * w) }"
      return """
        { name: s\(index), windows: { \(windows), allowed_lateness: \(stage.lateness)s\(trigger),
          accumulation: \(mode) }, \(body) }
        """
    }
  }

  private func write(
    _ files: [[Row]], _ name: String, _ directory: TemporaryDirectory
  ) throws -> String {
    try files.enumerated().map { index, rows in
      try directory.write(
        "\(name)\(index).jsonl",
        rows.map { row in
          var members = ["\"at\": \(row.time)"]
          if let key = row.key { members.append("\"\(name == "p" ? "id" : "ride")\": \"\(key)\"") }
          if name == "p" {
            if let country = row.country { members.append("\"country\": \"\(country)\"") }
            members += ["\"score\": \(Double(row.score) / 10)", "\"w\": \(row.weight)"]
          } else if let label = row.label {
            members.append("\"tipped\": \(label)")
          }
          return "{\(members.joined(separator: ", "))}\n"
        }.joined())
    }.joined(separator: ", ")
  }
}
