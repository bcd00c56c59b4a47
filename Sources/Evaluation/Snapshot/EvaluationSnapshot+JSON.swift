import Accumulators
import Dataflow
import Formats

extension EvaluationSnapshot {
  /// The bytes of `metrics.jsonl`: a line for each metric of each slice.
  ///
  /// `bound` is left out where a value is exact; NaN is `"NaN"`.
  public func metricLines() -> [UInt8] {
    var writer = MetricLineWriter(
      lineCount: slices.reduce(0) { $0 + $1.metrics.count })
    // Metrics stand in the same order in every slice, so their keys are written once.
    var keys: [MetricKey] = []
    var middles: [[UInt8]] = []
    var head = JSONWriter()
    for slice in slices {
      slice.writeLineHead(to: &head)
      // A span lends what a subscript would copy.
      let metrics = slice.metrics.span
      for index in metrics.indices {
        if index == keys.count {
          keys.append(metrics[index].key)
          middles.append(metrics[index].key.lineMiddle)
        } else if keys[index] != metrics[index].key {
          keys[index] = metrics[index].key
          middles[index] = metrics[index].key.lineMiddle
        }
        writer.append(metrics, index, head: head, middle: middles[index])
      }
    }
    return writer.finish()
  }

  /// The bytes of `plots.jsonl`: a line for each plot; empty without plots.
  public func plotLines() -> [UInt8] {
    var writer = JSONWriter()
    for slice in slices {
      for plot in slice.plots {
        writer.beginObject()
        writer.key("slice")
        writer.write(slice.key)
        writer.key("model")
        writer.value(plot.model)
        if !plot.output.isEmpty {
          writer.key("output")
          writer.value(plot.output)
        }
        writer.key("plot")
        writer.value(plot.kind.rawValue)
        if let subKey = plot.subKey {
          writer.key(subKey.name)
          writer.value(Int64(subKey.number))
        }
        if !plot.name.isEmpty {
          writer.key("name")
          writer.value(plot.name)
        }
        writer.key("columns")
        writer.value(plot.kind.columns)
        writer.key("points")
        writer.beginArray()
        for point in plot.points { writer.value(point) }
        writer.endArray()
        writer.endObject()
        writer.newline()
      }
    }
    return writer.bytes
  }
}

extension SliceResult {
  /// `{"slice":{…}`, and `,"baseline_slice":{…}` of a cross slice.
  fileprivate func writeLineHead(to writer: inout JSONWriter) {
    writer.removeAll()
    writer.beginObject()
    writer.key("slice")
    writer.write(key)
    if let baseline {
      writer.key("baseline_slice")
      writer.write(baseline)
    }
  }
}

extension MetricValue {
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.write(self)
    return writer.bytes
  }
}

extension MetricKey {
  /// `,"model":…,"output":…,"metric":…,"key":{…},"value":`.
  fileprivate var lineMiddle: [UInt8] {
    var writer = JSONWriter()
    writer.beginObject()
    writer.writeMembers(of: self)
    writer.key("value")
    return [0x2C] + writer.bytes.dropFirst()
  }
}

extension JSONWriter {
  mutating func write(_ slice: SliceKey) {
    beginObject()
    for feature in slice.features {
      key(feature.name)
      feature.value.write(to: &self)
    }
    endObject()
  }

  mutating func writeMembers(of metric: MetricKey) {
    key("model")
    value(metric.model)
    key("output")
    value(metric.output)
    key("metric")
    value(metric.name)
    key("key")
    beginObject()
    if let subKey = metric.subKey {
      key(subKey.name)
      value(Int64(subKey.number))
    }
    if let aggregation = metric.aggregation {
      key("aggregation")
      value(aggregation.rawValue)
    }
    for (name, holds) in [("weighted", metric.isWeighted), ("diff", metric.isDiff)] where holds {
      key(name)
      value(true)
    }
    endObject()
  }

  mutating func write(_ metric: MetricValue) {
    switch metric {
    case .number(let number): value(number)
    case .numbers(let numbers): value(numbers)
    case .confusionMatrices(let matrices):
      beginObject()
      key("matrices")
      beginArray()
      for matrix in matrices { write(matrix) }
      endArray()
      endObject()
    case .classMatrices(let matrices): write(matrices)
    case .sample(let values):
      beginArray()
      for value in values {
        switch value {
        case .missing: null()
        case .number(let number): self.value(number)
        case .text(let text): self.value(text)
        }
      }
      endArray()
    case .error(let text):
      beginObject()
      key("error")
      value(text)
      endObject()
    }
  }

  private mutating func write(_ matrices: [ClassMatrix]) {
    beginObject()
    key("matrices")
    beginArray()
    for matrix in matrices {
      beginObject()
      key("threshold")
      value(matrix.threshold)
      key("columns")
      value(["actual", "predicted"] + matrix.columns)
      key("entries")
      beginArray()
      for entry in matrix.entries {
        value([Double(entry.actual), Double(entry.predicted)] + entry.weights)
      }
      endArray()
      endObject()
    }
    endArray()
    endObject()
  }

  private mutating func write(_ matrix: ConfusionMatrix) {
    beginObject()
    for (name, number) in [
      ("threshold", matrix.threshold), ("true_positives", matrix.truePositives),
      ("false_positives", matrix.falsePositives), ("true_negatives", matrix.trueNegatives),
      ("false_negatives", matrix.falseNegatives), ("precision", matrix.precision),
      ("recall", matrix.recall), ("false_positive_rate", matrix.falsePositiveRate),
      ("f1", matrix.f1), ("accuracy", matrix.accuracy),
      ("false_omission_rate", matrix.falseOmissionRate),
    ] {
      key(name)
      value(number)
    }
    endObject()
  }
}
