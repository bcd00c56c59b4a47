import Formats

extension EvaluationSnapshot {
  /// The bytes of `validation.json`.
  public func validationJSON() -> [UInt8] {
    var writer = JSONWriter(style: .indented)
    writer.beginObject()
    writer.write(validation.verdict)
    writer.key("pass")
    writer.value(validation.passCount)
    writer.key("fail")
    writer.value(validation.failCount)
    writer.key("undecided")
    writer.value(validation.undecidedCount)
    writer.key("checks")
    writer.beginArray()
    for check in validation.checks { writer.write(check) }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ verdict: Verdict) {
    key("verdict")
    value(verdict.name)
    if let reason = verdict.reason {
      key("code")
      value(reason.code.rawValue)
      key("reason")
      value(reason.text)
    }
  }

  fileprivate mutating func write(_ check: ThresholdCheck) {
    beginObject()
    key("slice")
    write(check.slice)
    if let baseline = check.baselineSlice {
      key("baseline_slice")
      write(baseline)
    }
    writeMembers(of: check.metric)
    write(check.verdict)
    if let value = check.value {
      key("value")
      write(value)
    }
    write("bound", check.bound)
    if let interval = check.interval {
      key("interval")
      value([interval.lowerBound, interval.upperBound])
    }
    write("lower_bound", check.threshold.lowerBound)
    write("upper_bound", check.threshold.upperBound)
    if let change = check.threshold.change { write(change, of: check) }
    key("examples")
    value(check.examples)
    key("weight")
    value(check.weight)
    endObject()
  }

  /// A change as it was asked for, and the limits of the difference that follow.
  private mutating func write(_ change: MetricThreshold.Change, of check: ThresholdCheck) {
    key("change")
    beginObject()
    key("direction")
    value(change.direction.rawValue)
    write("absolute", change.absolute)
    write("relative", change.relative)
    write("baseline", check.baseline)
    let limits = check.limits
    write("lowest", limits.lowest.isFinite ? limits.lowest : nil)
    write("highest", limits.highest.isFinite ? limits.highest : nil)
    endObject()
  }

  private mutating func write(_ name: String, _ number: Double?) {
    guard let number else { return }
    key(name)
    value(number)
  }
}
