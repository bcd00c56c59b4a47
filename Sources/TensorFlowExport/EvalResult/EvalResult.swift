import ByteCoding
public import Evaluation
import Formats

/// The files that TensorFlow Model Analysis writes of an evaluation, by name.
///
/// What `tfma.load_eval_result`, `load_metrics`, `load_plots`, `load_attributions` and
/// `load_validation_result` read. Source: TFMA 0.52 `metrics_for_slice.proto`,
/// `validation_result.proto`, `metrics_plots_and_validations_writer.py`.
public struct EvalResult {
  private let spec: EvaluationSpec
  private let snapshot: EvaluationSnapshot

  public init(_ snapshot: EvaluationSnapshot, of spec: EvaluationSpec) {
    self.spec = spec
    self.snapshot = snapshot
  }

  public var files: [String: [UInt8]] {
    [
      "metrics-00000-of-00001.tfrecord": records { writer, slice in
        for metric in slice.metrics where spec.attribution(metric.key) == nil {
          writer.append(field: 51, metric)
        }
      },
      "plots-00000-of-00001.tfrecord": records(crossSliceField: 4) { writer, slice in
        for plot in slice.plots { writer.append(field: 8, plot, isWeighted: isWeighted(plot)) }
      },
      "attributions-00000-of-00001.tfrecord": records { append(attributionsOf: $1, to: &$0) },
      "validations.tfrecord": validations,
      "eval_config.json": EvalRun(spec).json,
    ]
  }

  /// A message for each slice.
  private func records(
    crossSliceField: Int = 3, _ build: (inout ByteWriter, SliceResult) -> Void
  ) -> [UInt8] {
    var file = ByteWriter()
    for slice in snapshot.slices {
      var message = ByteWriter()
      message.append(field: 1, slice.key, comparedWith: slice.baseline, crossSliceField)
      build(&message, slice)
      TFRecordWriter.append(message.bytes, to: &file)
    }
    return file.bytes
  }

  /// An `AttributionsKeyAndValues` for each metric, with the values of all features.
  private func append(attributionsOf slice: SliceResult, to writer: inout ByteWriter) {
    var groups: [(key: MetricKey, values: [(feature: String, value: MetricValue)])] = []
    for metric in slice.metrics {
      guard let found = spec.attribution(metric.key) else { continue }
      var key = metric.key
      key.name = found.name
      if groups.last?.key != key { groups.append((key, [])) }
      groups[groups.count - 1].values.append((found.feature, metric.value))
    }
    for group in groups {
      writer.append(field: 2) { pair in
        pair.append(field: 1, attributions: group.key)
        for (feature, value) in group.values {
          pair.append(field: 2) { entry in
            entry.append(field: 1, string: feature)
            entry.append(field: 2, value)
          }
        }
      }
    }
  }

  private func isWeighted(_ plot: Plot) -> Bool {
    let model = spec.models.first { $0.name == plot.model && $0.output == plot.output }
    return (model?.weight ?? spec.weight) != nil
  }

  private var validations: [UInt8] {
    var file = ByteWriter()
    var message = ByteWriter()
    message.append(snapshot.validation, of: spec)
    TFRecordWriter.append(message.bytes, to: &file)
    return file.bytes
  }
}
