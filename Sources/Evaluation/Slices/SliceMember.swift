import Accumulators
import Dataflow
import Formats

/// A key inside the slice of all that are beyond the budget.
public struct SliceMember: Hashable, Sendable {
  /// How many of a slice are told.
  static let mostTold = 20

  /// Values are texts; a long one may be cut, and then ends in "…".
  public var key: SliceKey
  /// The number itself where `least` and `most` agree, else an estimate.
  public var rows: Int64
  public var least: Int64
  public var most: Int64

  init(_ found: HeavyKey, _ features: [String]) {
    var values = found.name.split(
      separator: HeavyKey.separator, omittingEmptySubsequences: false
    ).map { KeyValue.string(String(decoding: $0, as: UTF8.self) + (found.isCut ? "…" : "")) }
    while values.count < features.count { values.append(.string("…")) }
    key = SliceKey(names: features, values: values)
    (rows, least, most) = (found.rows, found.least, found.most)
  }
}

extension EvaluationSnapshot {
  /// The bytes of `heavy_hitters.jsonl`: a line for each key told of a slice beyond the budget, its
  /// number of rows, and the bounds of that where it is an estimate.
  public func memberLines() -> [UInt8] {
    var writer = JSONWriter()
    for slice in slices {
      for member in slice.members {
        writer.beginObject()
        writer.key("slice")
        writer.write(slice.key)
        writer.key("member")
        writer.write(member.key)
        writer.key("rows")
        writer.value(member.rows)
        if member.least < member.most {
          writer.key("at_least")
          writer.value(member.least)
          writer.key("at_most")
          writer.value(member.most)
        }
        writer.endObject()
        writer.newline()
      }
    }
    return writer.bytes
  }
}
