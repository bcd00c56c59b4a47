import Formats

/// Counts and sums of an aggregate's keys from the rows as they were generated: no decoder, no
/// accumulator.
struct NaiveSums: Equatable {
  struct Key: Hashable {
    var company: String?
    var device: Int64
  }

  struct Values: Equatable {
    var count: Int64 = 0
    /// Of quarters, so exact; 0 if no fare is present.
    var total = 0.0
    var furthest = -Double.infinity
  }

  private(set) var values: [Key: Values] = [:]

  init(_ rows: [NaiveFates.Row], of job: RandomJob) {
    let files = job.files.map { lines in lines.filter { $0.kind != .poison } }
    for row in rows {
      let ride = files[row.file][row.position]
      let key = Key(company: ride.company, device: Int64(ride.device))
      var sums = values[key] ?? Values()
      sums.count += 1
      if let fare = ride.fare { sums.total += fare }
      sums.furthest = max(sums.furthest, ride.distance)
      values[key] = sums
    }
  }

  /// What a `rows.jsonl` says.
  init(jsonLines bytes: [UInt8]) throws {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let value = try JSONValue(parsing: Array(line))
      let key = Key(company: value["company"]?.string, device: value["device"]?.integer ?? -1)
      values[key] = Values(
        count: value["n"]?.integer ?? -1, total: value["total"]?.number ?? .nan,
        furthest: value["furthest"]?.number ?? .nan)
    }
  }
}
