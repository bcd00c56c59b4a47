import Columns
import Expressions
import Testing
import Transform

@Suite struct TransformVersionTests {
  private func version() throws -> TransformVersion {
    let schema = Schema([
      Field("fare", .float64), Field("company", .string),
      Field("at", .timestamp, timestampUnit: .milliseconds),
    ])
    let batch = RecordBatch(
      schema: schema, rowCount: 3,
      columns: [
        .float64(Float64Column([1, 2, 6])), .string(StringColumn(["b", "a", "a"])),
        .int64(Int64Column([0, 1, 2])),
      ])
    return try StageDrive.version(
      [
        (name: "z", formula: "fare - mean(fare)"),
        (
          name: "id",
          formula: "compute_and_apply_vocabulary(company, store_frequency=True)"
        ),
        (name: "hour", formula: "hour_of_day(at)"),
        (name: "q", formula: "bucketize(fare, 3)"),
      ], schema: schema, [batch])
  }

  static let text = """
    {
      "format": "limnograph.transform_graph",
      "format_version": 1,
      "name": "test",
      "inputs": [
        {
          "name": "fare",
          "type": "float"
        },
        {
          "name": "company",
          "type": "string"
        },
        {
          "name": "at",
          "type": "timestamp",
          "written_as": "timestamp_ms"
        }
      ],
      "constants": [
        {
          "formula": "mean(fare)",
          "type": "float",
          "value": 3.0
        },
        {
          "formula": "vocabulary(company, store_frequency=true)",
          "type": "vocabulary",
          "asset": "vocabulary_company",
          "size": 2,
          "store_frequency": true
        },
        {
          "formula": "quantiles(fare, 3)",
          "type": "list<float>",
          "value": [
            2.0,
            6.0
          ]
        }
      ],
      "outputs": [
        {
          "name": "z",
          "type": "float",
          "formula": "fare - constant('mean(fare)')",
          "source": "fare - mean(fare)"
        },
        {
          "name": "id",
          "type": "int",
          "formula": "apply_vocabulary(company, constant('vocabulary(company, store_frequency=true)'), default_value=-1, num_oov_buckets=0)",
          "source": "compute_and_apply_vocabulary(company, store_frequency=true)"
        },
        {
          "name": "hour",
          "type": "int",
          "formula": "hour_of_day(at)",
          "source": "hour_of_day(at)"
        },
        {
          "name": "q",
          "type": "int",
          "formula": "apply_buckets(fare, constant('quantiles(fare, 3)'))",
          "source": "bucketize(fare, 3)"
        }
      ],
      "approximations": []
    }

    """

  @Test func `the graph is readable and canonical`() throws {
    let version = try version()
    #expect(String(decoding: version.graphJSON(), as: UTF8.self) == Self.text)
    #expect(version.assets.map(\.name) == ["vocabulary_company"])
    #expect(version.assets.map { String(decoding: $0.bytes, as: UTF8.self) } == ["2 a\n1 b\n"])
    #expect(
      version.outputSchema.fields.map(\.type) == [.float64, .int64, .int64, .int64])
  }

  static let damages: [Fault] = [
    .init("\"format_version\": 1", "graph.json: not a transform graph of format 1"),
    .init(
      "\"size\": 2",
      "constants[1]: asset 'vocabulary_company' has 2 tokens, which is not "
        + "the 'size'"),
    .init("\"type\": \"timestamp\"", "inputs[2]: 'x' is no type"),
    .init("timestamp_ms", "inputs[2]: 'x' is no way to write a timestamp"),
    .init(
      "hour_of_day(at)\",",
      "outputs[2]: formula: column 10: "
        + "expected an operator or the end of the formula, found 'broken'"),
    .init("3.0", "constants[0]: expected a float 'value'"),
  ]

  @Test(arguments: damages) func `a damaged graph is refused with the place`(
    _ damage: Fault
  ) throws {
    let replacements = [
      "\"format_version\": 1": "\"format_version\": 2", "\"size\": 2": "\"size\": 3",
      "\"type\": \"timestamp\"": "\"type\": \"x\"", "timestamp_ms": "x",
      "hour_of_day(at)\",": "hour(at) broken\",", "3.0": "null",
    ]
    let text = Self.text.replacing(damage.formula, with: replacements[damage.formula] ?? "")
    #expect(text != Self.text)
    let version = try version()
    let error = #expect(throws: TransformError.self) {
      try TransformVersion(
        graphJSON: Array(text.utf8),
        assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    }
    #expect(error?.description == damage.expected)
  }

  @Test func `a vocabulary of records holds what lines cannot, and reads back`() throws {
    let schema = Schema([Field("s", .string)])
    let tokens = ["", "a\nb", "a\nb", "c\rd", "e f"]
    let batch = RecordBatch(
      schema: schema, rowCount: tokens.count, columns: [.string(StringColumn(tokens))])
    let version = try StageDrive.version(
      [
        (
          name: "o",
          formula: "compute_and_apply_vocabulary(s, vocab_filename='v', "
            + "file_format='tfrecord_gzip', store_frequency=True)"
        )
      ], schema: schema, [batch])
    #expect(version.assets.map(\.name) == ["v.tfrecord.gz"])
    let read = try TransformVersion(
      graphJSON: version.graphJSON(),
      assets: Dictionary(uniqueKeysWithValues: version.assets.map { ($0.name, $0.bytes) }))
    #expect(read.graphJSON() == version.graphJSON())
    #expect(read.assets.map(\.bytes) == version.assets.map(\.bytes))
    #expect(version.constants[0].value == .tokens(TokenList(["a\nb", "e f", "c\rd", ""])))
    #expect(read.apply(to: batch)[0].bits == version.apply(to: batch)[0].bits)
    #expect(version.constants[0].frequencies == [2, 1, 1, 1])
  }

  @Test func `a missing asset is named`() throws {
    let error = #expect(throws: TransformError.self) {
      try TransformVersion(graphJSON: self.version().graphJSON(), assets: [:])
    }
    #expect(error?.description == "constants[1]: there is no asset 'vocabulary_company'")
  }
}
