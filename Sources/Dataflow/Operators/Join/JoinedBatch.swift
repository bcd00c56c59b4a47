import Accumulators
import ByteCoding
public import Columns

/// Predictions that leave a label join: with their labels, or when they are first known.
public struct JoinedBatch: Sendable {
  /// The columns of `JoinPlan.schema`.
  public var batch: RecordBatch
  public var isLabelled: Bool
  /// The event time of each prediction.
  public var times: [Int64]
  /// When each row came to be: no pane of an earlier watermark has it.
  public var releases: [Int64]
}

/// Collects joined rows, all with labels or all without.
struct JoinedBatchBuilder: Sendable {
  private let plan: JoinPlan
  private let isLabelled: Bool
  private var readers: [RecordColumnReader] = []
  private var times: [Int64] = []
  private var releases: [Int64] = []
  /// By column; those of strings mean the same from batch to batch.
  private let dictionaries: [StringDictionary]
  private let predictionCount: Int

  init(_ plan: JoinPlan, isLabelled: Bool, dictionaries: [StringDictionary]) {
    self.plan = plan
    self.isLabelled = isLabelled
    self.dictionaries = dictionaries
    predictionCount = plan.input(.predictions).payload.count
  }

  var count: Int { times.count }

  /// Adds a row of the payloads of a prediction and its label.
  mutating func append(
    time: Int64, release: Int64, _ prediction: ArraySlice<UInt8>, _ label: ArraySlice<UInt8>?
  ) {
    if readers.isEmpty {
      readers = plan.schema.fields.dropLast().map { RecordColumnReader($0.type) }
    }
    times.append(time)
    releases.append(release)
    do throws(ByteCodingError) {
      var reader = ByteReader(prediction)
      for index in 0..<predictionCount { try readers[index].read(&reader) }
      guard let label else {
        for index in predictionCount..<readers.count { readers[index].readMissing() }
        return
      }
      reader = ByteReader(label)
      for index in predictionCount..<readers.count { try readers[index].read(&reader) }
    } catch {
      preconditionFailure("a row that waits in the join: \(error)")
    }
  }

  /// The rows since the last call, or `nil` without any.
  mutating func take() -> JoinedBatch? {
    guard !times.isEmpty else { return nil }
    defer { (readers, times, releases) = ([], [], []) }
    var columns = readers.enumerated().map { index, reader in
      Self.interned(reader.column, dictionaries[index])
    }
    columns.append(.bool(BoolColumn([Bool](repeating: isLabelled, count: times.count))))
    return JoinedBatch(
      batch: RecordBatch(schema: plan.schema, rowCount: times.count, columns: columns),
      isLabelled: isLabelled, times: times, releases: releases)
  }

  private static func interned(_ column: Column, _ dictionary: StringDictionary) -> Column {
    switch column {
    case .plain(let plain): .string(plain.interned(in: dictionary))
    case .list(let list):
      .list(
        ListColumn(
          elements: interned(list.elements, dictionary), offsets: list.offsets,
          validity: list.validity))
    default: column
    }
  }
}
