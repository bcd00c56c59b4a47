import Columns
import FileIO
import Formats
import Foundation
import ModelRuntime
import Transform

/// Which library runs the exported model.
enum SkewRuntime: String, CaseIterable {
  case tensorflow, onnx
}

/// Compares the native graph with an exported model on rows, in a folder of its own: `inputs.jsonl`,
/// `native.jsonl`, `spec.json`, `skew.py`, and from that `report.json`.
struct SkewCheck {
  struct Line: Codable {
    var output: String
    var rows: Int
    var mismatches: Int
    /// The first row that differs; empty if none does.
    var first: String
  }

  let version: TransformVersion
  private var sample: RowSample<(input: String, native: String)>
  private let inputs: RowWriter
  private let outputs: RowWriter
  private let inputSchema: Schema

  init(_ version: TransformVersion, rows: Int) {
    self.version = version
    sample = RowSample(rows)
    // As they are written, not as timestamps.
    inputSchema = Schema(version.inputs.map { Field($0.name, $0.type.asWritten) })
    inputs = RowWriter(.jsonl, schema: inputSchema)
    outputs = RowWriter(
      .jsonl, schema: Schema(version.outputs.map { Field($0.name, $0.type.asWritten) }))
  }

  var rowCount: Int { sample.rows.count }

  mutating func add(_ given: RecordBatch, _ results: RecordBatch) {
    let rows = (0..<given.rowCount).filter { _ in sample.takesNext() }
    guard !rows.isEmpty else { return }
    let columns = zip(version.inputs, given.columns).map { field, column in
      Self.written(column.gathered(rows), field)
    }
    let lines = Self.lines(
      inputs, RecordBatch(schema: inputSchema, rowCount: rows.count, columns: columns))
    let native = Self.lines(
      outputs,
      RecordBatch(
        schema: results.schema, rowCount: rows.count,
        columns: results.columns.map { $0.gathered(rows) }))
    for row in zip(lines, native) { sample.add(row) }
  }

  private static func lines(_ writer: RowWriter, _ batch: RecordBatch) -> [String] {
    String(decoding: writer.bytes(batch), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func written(_ column: Column, _ field: Field) -> Column {
    guard field.type == .timestamp, case .int64(let times) = column else { return column }
    let divisor: Int64 =
      switch field.timestampUnit {
      case .seconds: 1_000_000
      case .milliseconds: 1000
      case .microseconds, .iso8601: 1
      }
    return .int64(Int64Column(times.values.map { $0 / divisor }, validity: times.validity))
  }

  /// Runs `python` in `folder`, which exists and is empty.
  ///
  /// - Returns: A line an output.
  func run(
    _ runtime: SkewRuntime, model: String, python: String, ulps: Int, in folder: String
  ) throws -> [Line] {
    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: URL(filePath: folder + "/" + name))
    }
    try write("inputs.jsonl", sample.rows.map { $0.input + "\n" }.joined())
    try write("native.jsonl", sample.rows.map { $0.native + "\n" }.joined())
    try write("skew.py", SkewScript.text)
    try write("spec.json", spec)
    let operators =
      runtime == .onnx
      ? try OperatorLibrary.beside(ProcessInfo.processInfo.environment).path(
        neededBy: try FileSystem.contents(of: model), named: model) : nil
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      python, folder + "/skew.py", folder, runtime.rawValue, model, String(ulps),
      operators ?? "",
    ]
    let errors = folder + "/errors.txt"
    try write("errors.txt", "")
    process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let text = String(decoding: try FileSystem.contents(of: errors), as: UTF8.self)
      throw SkewFailure(reason: text.split(separator: "\n").suffix(3).joined(separator: "\n"))
    }
    let report = try FileSystem.contents(of: folder + "/report.json")
    return try JSONDecoder().decode([Line].self, from: Data(report))
  }

  private var spec: String {
    var writer = JSONWriter()
    func write(_ fields: [(name: String, type: DataType)], _ key: String) {
      writer.key(key)
      writer.beginArray()
      for field in fields {
        var element = field.type.asWritten
        var isList = false
        if case .list(let inner) = element { (element, isList) = (inner, true) }
        writer.beginObject()
        writer.key("name")
        writer.value(field.name)
        writer.key("type")
        writer.value(element.description)
        writer.key("is_list")
        writer.value(isList)
        writer.endObject()
      }
      writer.endArray()
    }
    writer.beginObject()
    write(version.inputs.map { ($0.name, $0.type) }, "inputs")
    write(version.outputs.map { ($0.name, $0.type) }, "outputs")
    writer.endObject()
    return writer.text
  }
}

private struct SkewFailure: Error, CustomStringConvertible {
  let reason: String
  var description: String { "the exported model could not be run: \(reason)" }
}

extension DataType {
  /// Timestamps are integers to a model.
  fileprivate var asWritten: DataType {
    switch self {
    case .timestamp: .int64
    case .list(let element): .list(element.asWritten)
    default: self
    }
  }
}
