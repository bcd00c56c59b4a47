import Dataflow
import Formats
import Testing

@testable import Evaluation

@Suite struct EvaluationSnapshotJSONTests {
  private let snapshot = EvaluationSnapshot(
    slices: [
      SliceResult(
        key: SliceKey([
          .init("device", .int64(3)), .init("country", .string("d\"e")),
        ]), examples: 4, weight: 2.5,
        metrics: [
          MetricResult(
            key: MetricKey(name: "auc", isWeighted: true), value: .number(0.75), bound: 0.25,
            examples: 4, weight: 2.5),
          MetricResult(
            key: MetricKey(name: "recall", model: "m"), value: .number(.nan), examples: 4,
            weight: 2.5),
          MetricResult(
            key: MetricKey(name: "r"), value: .numbers([1, .infinity]), examples: 4, weight: 2.5),
        ],
        plots: [Plot(kind: .roc, model: "", points: [[0, 1, 1], [.infinity, 0, 0]])]),
      SliceResult(
        key: .overall, examples: 0, weight: 0,
        metrics: [
          MetricResult(
            key: MetricKey(name: "auc", isWeighted: true),
            value: .confusionMatrices([ConfusionMatrix(threshold: 0.5, tp: 1, fp: 0, tn: 2, fn: 1)]
            ),
            examples: 0, weight: 0)
        ]),
    ],
    validation: ValidationResult([
      ThresholdCheck(
        MetricThreshold("auc", lowerBound: 0.25), missing: MetricKey(name: "auc"), of: .overall,
        why: Verdict.Reason(.sliceNotSeen, "gone"))
    ]))

  @Test func `a metric is one line`() {
    let lines = String(decoding: snapshot.metricLines(), as: UTF8.self).split(separator: "\n")
    let slice = #""slice":{"country":"d\"e","device":3}"#
    #expect(
      lines == [
        "{\(slice),\"model\":\"\",\"output\":\"\",\"metric\":\"auc\",\"key\":{\"weighted\":true},\"value\":0.75,\"bound\":0.25,\"examples\":4,\"weight\":2.5}",
        "{\(slice),\"model\":\"m\",\"output\":\"\",\"metric\":\"recall\",\"key\":{},\"value\":\"NaN\",\"examples\":4,\"weight\":2.5}",
        "{\(slice),\"model\":\"\",\"output\":\"\",\"metric\":\"r\",\"key\":{},\"value\":[1.0,\"Infinity\"],\"examples\":4,\"weight\":2.5}",
        #"{"slice":{},"model":"","output":"","metric":"auc","key":{"weighted":true},"value":{"matrices":[{"threshold":0.5,"true_positives":1.0,"false_positives":0.0,"true_negatives":2.0,"false_negatives":1.0,"precision":1.0,"recall":0.5,"false_positive_rate":0.0,"f1":0.6666666666666666,"accuracy":0.75,"false_omission_rate":0.3333333333333333}]},"examples":0,"weight":0.0}"#,
      ])
  }

  @Test func `numbers are written as JSONWriter writes them`() {
    let numbers = [
      0, -0.0, 1, -7, 0.1, 123_456_789, 1e15, 0x1p53, 0x1p53 - 1, 1e16, 1e300,
      .leastNonzeroMagnitude, -2.5,
      .infinity, -.infinity, .nan,
    ]
    for number in numbers {
      let slice = SliceResult(
        key: .overall, examples: 0, weight: 0,
        metrics: [
          MetricResult(key: MetricKey(name: "m"), value: .number(number), examples: 0, weight: 0)
        ])
      let lines = EvaluationSnapshot(
        slices: [slice], validation: ValidationResult([])
      ).metricLines()
      var writer = JSONWriter()
      writer.value(number)
      #expect(String(decoding: lines, as: UTF8.self).contains(#""value":\#(writer.text),"#))
    }
  }

  @Test func `a plot is one line`() {
    #expect(
      String(decoding: snapshot.plotLines(), as: UTF8.self)
        == #"{"slice":{"country":"d\"e","device":3},"model":"","plot":"roc","columns":["threshold","false_positive_rate","true_positive_rate"],"points":[[0.0,1.0,1.0],["Infinity",0.0,0.0]]}"#
        + "\n")
  }

  @Test func `the validation says how many checks came out how`() throws {
    let value = try JSONValue(parsing: snapshot.validationJSON())
    #expect(value["verdict"]?.string == "undecided")
    #expect(value["undecided"]?.number == 1)
    #expect(value["checks"]?.array?.first?["reason"]?.string == "gone")
    #expect(value["checks"]?.array?.first?["lower_bound"]?.number == 0.25)
  }
}
