extension RandomJob {
  /// The job file over the files at `paths`.
  func yaml(paths: [String]) -> String {
    var lines = [
      "job: random",
      "source: { files: { paths: [\(paths.joined(separator: ", "))], format: \(format) } }",
      """
      schema: { at: timestamp_ms, company: string, device: int, distance: float, fare: float, \
      tipped: int, score: float }
      """,
      "event_time: { column: at, max_out_of_orderness: \(outOfOrderness)s, late: drop }",
    ]
    if hasFilter { lines.append("filter: fare >= 2.5") }
    for (kind, name) in [
      (StageKind.transform, "transform"), (.evaluate, "evaluate"), (.aggregate, "aggregate"),
    ] {
      let blocks = stages.enumerated().filter { $0.element.kind == kind }
      guard !blocks.isEmpty else { continue }
      lines.append("\(name):")
      for (index, stage) in blocks { lines += block(stage, name: "s\(index)") }
    }
    lines.append("output: { snapshots: out }")
    return lines.joined(separator: "\n") + "\n"
  }

  private func block(_ stage: StageSpec, name: String) -> [String] {
    var windows = "fixed: \(stage.size)s"
    if let every = stage.every { windows = "sliding: { size: \(stage.size)s, every: \(every)s }" }
    windows += ", offset: \(stage.offset)s, "
    windows += "allowed_lateness: \(stage.lateness)s, "
    if let trigger = stage.trigger { windows += "trigger: \(trigger), " }
    let mode =
      stage.isDiscarding ? "discarding" : stage.isRetracting ? "retracting" : "accumulating"
    windows += "accumulation: \(mode)"
    let head = ["  - name: \(name)", "    windows: { \(windows) }"]
    switch stage.kind {
    case .transform:
      return head + [
        "    outputs:", "      z: scale_to_z_score(fare)",
        "      v: compute_and_apply_vocabulary(company, top_k=3)",
        "      b: bucketize(distance, num_buckets=4)",
      ]
    case .evaluate:
      return head + [
        "    label: tipped", "    prediction: score",
        "    slices: [[], [device], [company, device]]",
        "    metrics: [\(stage.hasCurves ? "auc, " : "")example_count, mean_label, calibration]",
      ]
    case .aggregate:
      return head + [
        "    keys: [company, device]",
        "    values: { n: count(), total: sum(fare), furthest: max(distance) }",
      ]
    }
  }
}
