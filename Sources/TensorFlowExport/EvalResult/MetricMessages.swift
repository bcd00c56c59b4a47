import ByteCoding
import Dataflow
import Evaluation

/// Messages of `metrics_for_slice.proto` about metrics.
extension ByteWriter {
  /// A `SliceKey`, or in `crossSliceField` a `CrossSliceKey`.
  mutating func append(
    field: Int, _ key: SliceKey, comparedWith baseline: SliceKey?, _ crossSliceField: Int
  ) {
    guard let baseline else { return append(field: field, key) }
    append(field: crossSliceField) { message in
      message.append(field: 1, baseline)
      message.append(field: 2, key)
    }
  }

  mutating func append(field: Int, _ key: SliceKey) {
    append(field: field) { message in
      for feature in key.features {
        message.append(field: 1) { single in
          single.append(field: 1, string: feature.name)
          switch feature.value {
          case .int64(let value): single.append(field: 4, varint: value)
          case .float64(let value): single.append(field: 3, float: Float(value))
          case .bool, .string, .missing, .other: single.append(field: 2, string: feature.value.text)
          }
        }
      }
    }
  }

  /// A `MetricKeyAndValue`.
  mutating func append(field: Int, _ metric: MetricResult) {
    append(field: field) { pair in
      pair.append(field: 1, metric.key)
      pair.append(field: 2, metric.value)
      guard let interval = metric.interval else { return }
      pair.append(field: 3) { message in
        message.append(field: 1, .number(interval.upperBound))
        message.append(field: 2, .number(interval.lowerBound))
        message.append(field: 4) { $0.append(field: 1, varint: Int64(19)) }
      }
    }
  }

  mutating func append(field: Int, _ key: MetricKey) {
    append(field: field) { message in
      message.append(field: 1, string: key.name)
      message.append(optional: 2, key.output)
      if let subKey = key.subKey {
        message.append(field: 3) { $0.append(field: subKey.fieldNumber, wrapped: subKey.number) }
      }
      message.append(optional: 4, key.model)
      if key.isDiff { message.append(field: 5, varint: UInt64(1)) }
      if let aggregation = key.aggregation {
        message.append(field: 6) { message in
          message.append(field: aggregation.fieldNumber, varint: UInt64(1))
        }
      }
      message.append(field: 7, wrapped: key.isWeighted)
    }
  }

  /// An `AttributionsKey`.
  mutating func append(field: Int, attributions key: MetricKey) {
    append(field: field) { message in
      message.append(field: 1, string: key.name)
      message.append(optional: 2, key.model)
      message.append(optional: 3, key.output)
      if let subKey = key.subKey {
        message.append(field: 4) { $0.append(field: subKey.fieldNumber, wrapped: subKey.number) }
      }
      message.append(field: 6, wrapped: key.isWeighted)
    }
  }

  /// A `MetricValue`.
  mutating func append(field: Int, _ value: MetricValue) {
    append(field: field) { message in
      switch value {
      case .number(let number): message.append(field: 1, wrapped: number)
      case .numbers(let numbers): message.append(field: 7, array: numbers)
      case .confusionMatrices(let matrices):
        message.append(field: 5) { list in
          for matrix in matrices { list.append(field: 1, matrix) }
        }
      case .classMatrices(let matrices): message.append(classMatrices: matrices)
      case .sample:
        let (texts, numbers) = value.sampled
        if texts.isEmpty {
          message.append(field: 7, array: numbers)
        } else {
          message.append(field: 7, texts: texts)
        }
      case .error(let text): message.append(field: 10, string: text)
      }
    }
  }

  /// Of several columns the matrices are of labels that are not exclusive, which are a plot in TFMA
  /// and have no place among its metrics but an array: actual, predicted and the counts of each.
  private mutating func append(classMatrices matrices: [ClassMatrix]) {
    guard matrices.allSatisfy({ $0.columns.count == 1 }) else {
      let numbers = matrices.flatMap { matrix in
        matrix.entries.flatMap { [Double($0.actual), Double($0.predicted)] + $0.weights }
      }
      return append(field: 7, array: numbers)
    }
    append(field: 11) { list in
      for matrix in matrices {
        list.append(field: 1) { message in
          message.append(field: 1, double: matrix.threshold)
          for entry in matrix.entries {
            message.append(field: 2) { item in
              item.append(field: 1, varint: Int64(entry.actual))
              item.append(field: 2, varint: Int64(entry.predicted))
              item.append(field: 3, double: entry.weights[0])
            }
          }
        }
      }
    }
  }

  /// A `ConfusionMatrixAtThreshold`.
  mutating func append(field: Int, _ matrix: ConfusionMatrix) {
    append(field: field) { message in
      for (number, value) in [
        (1, matrix.threshold), (2, matrix.falseNegatives), (3, matrix.trueNegatives),
        (4, matrix.falsePositives), (5, matrix.truePositives), (6, matrix.precision),
        (7, matrix.recall), (20, matrix.falsePositiveRate), (21, matrix.f1),
        (22, matrix.accuracy), (23, matrix.falseOmissionRate),
      ] {
        message.append(field: number, double: value)
      }
    }
  }

  /// An `ArrayValue` of 64-bit floats.
  private mutating func append(field: Int, array numbers: [Double]) {
    append(field: field) { message in
      message.append(field: 1, varint: UInt64(5))
      var shape = ByteWriter()
      shape.append(varint: UInt64(numbers.count))
      message.append(field: 2, bytes: shape.bytes)
      var values = ByteWriter()
      for number in numbers { values.append(littleEndian: number.bitPattern) }
      message.append(field: 7, bytes: values.bytes)
    }
  }

  /// An `ArrayValue` of bytes.
  private mutating func append(field: Int, texts: [String]) {
    append(field: field) { message in
      message.append(field: 1, varint: UInt64(1))
      var shape = ByteWriter()
      shape.append(varint: UInt64(texts.count))
      message.append(field: 2, bytes: shape.bytes)
      for text in texts { message.append(field: 3, string: text) }
    }
  }

  mutating func append(field: Int, wrapped value: Double) {
    append(field: field) { $0.append(field: 1, double: value) }
  }

  mutating func append(field: Int, wrapped value: Int) {
    append(field: field) { $0.append(field: 1, varint: Int64(value)) }
  }

  mutating func append(field: Int, wrapped value: Bool) {
    append(field: field) { if value { $0.append(field: 1, varint: UInt64(1)) } }
  }

  mutating func append(optional field: Int, _ text: String) {
    if !text.isEmpty { append(field: field, string: text) }
  }
}

extension SubKey {
  var fieldNumber: Int {
    switch self {
    case .classID: 1
    case .k: 2
    case .topK: 3
    }
  }
}

extension AggregationType {
  fileprivate var fieldNumber: Int {
    switch self {
    case .micro: 1
    case .macro: 2
    case .weightedMacro: 3
    }
  }
}
