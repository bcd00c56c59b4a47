import ByteCoding
import Dataflow
import Evaluation

extension ByteWriter {
  /// The fields of a `ValidationResult`. What is undecided is a failure there, with the reason.
  mutating func append(_ validation: ValidationResult, of spec: EvaluationSpec) {
    let isMissing = spec.thresholds.isEmpty
    if validation.verdict == .pass { append(field: 1, varint: UInt64(1)) }
    if isMissing { append(field: 6, varint: UInt64(1)) }
    var slices: [[ThresholdCheck]] = []
    for check in validation.checks where check.verdict != .pass && !check.isMissing {
      if let last = slices.last?[0], last.slice == check.slice,
        last.baselineSlice == check.baselineSlice
      {
        slices[slices.count - 1].append(check)
      } else {
        slices.append([check])
      }
    }
    for checks in slices {
      append(field: 2) { message in
        message.append(field: 2, checks[0].slice, comparedWith: checks[0].baselineSlice, 4)
        for check in checks { message.append(field: 3, check) }
      }
    }
    var missing: [SlicingSpec] = []
    for check in validation.checks where check.isMissing {
      let slice = SlicingSpec(
        values: check.slice.features.map { .init($0.name, $0.value.text) })
      if !missing.contains(slice) { missing.append(slice) }
    }
    for slice in missing { append(field: 3, slice) }
    append(details: validation, of: spec)
  }

  /// How many slices each slicing spec of the thresholds matched.
  private mutating func append(details validation: ValidationResult, of spec: EvaluationSpec) {
    var specs: [SlicingSpec] = []
    for slice in spec.thresholds.flatMap({ $0.slices ?? [SlicingSpec()] })
    where !specs.contains(slice) { specs.append(slice) }
    append(field: 4) { details in
      for slice in specs {
        let count = validation.checks.count { check in
          !check.isMissing && check.baselineSlice == nil
            && (check.threshold.slices ?? [SlicingSpec()]).contains(slice)
            && (check.threshold.slices == nil || slice.makes(check.slice))
        }
        if count == 0 { continue }
        details.append(field: 1) { item in
          item.append(field: 1, slice)
          item.append(field: 2, varint: Int64(count))
        }
      }
    }
  }

  /// A `ValidationFailure`.
  private mutating func append(field: Int, _ check: ThresholdCheck) {
    append(field: field) { message in
      message.append(field: 1, check.metric)
      message.append(field: 2, check.threshold)
      if let value = check.value { message.append(field: 3, value) }
      if case .undecided(let reason) = check.verdict {
        message.append(field: 4, string: "undecided: \(reason.text)")
      }
    }
  }

  /// A `MetricThreshold`.
  private mutating func append(field: Int, _ threshold: MetricThreshold) {
    append(field: field) { message in
      guard let change = threshold.change else {
        message.append(field: 1) { value in
          if let bound = threshold.lowerBound { value.append(field: 1, wrapped: bound) }
          if let bound = threshold.upperBound { value.append(field: 2, wrapped: bound) }
        }
        return
      }
      message.append(field: 2) { value in
        if let absolute = change.absolute { value.append(field: 1, wrapped: absolute) }
        if let relative = change.relative { value.append(field: 2, wrapped: relative) }
        value.append(field: 3, varint: UInt64(change.direction == .higher ? 2 : 1))
      }
    }
  }

  private mutating func append(field: Int, _ spec: SlicingSpec) {
    append(field: field) { message in
      for key in spec.featureKeys { message.append(field: 1, string: key) }
      for value in spec.featureValues {
        message.append(field: 2) { entry in
          entry.append(field: 1, string: value.feature)
          entry.append(field: 2, string: value.value)
        }
      }
    }
  }
}

extension ThresholdCheck {
  /// Whether it is about a slice that was not seen.
  fileprivate var isMissing: Bool { value == nil }
}
