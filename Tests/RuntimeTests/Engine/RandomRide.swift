import DataflowTesting

/// One line of a random input file.
struct RandomRide: Sendable {
  enum Kind: Sendable { case good, missingTime, poison }

  var kind = Kind.good
  /// Milliseconds since the epoch.
  var time: Int64
  var company: String?
  var device: Int
  /// A multiple of a quarter, so that sums of doubles are exact in any order.
  var fare: Double?
  var distance: Double
  var isTipped: Bool
  var score: Double

  init(time: Int64, isSound: Bool, _ generator: inout SeededGenerator) {
    self.time = time
    if !isSound { kind = Bool.random(using: &generator) ? .missingTime : .poison }
    let companies: [String?] = ["a", "b", "Zürich \u{1F6B2}", "long company name 12345", "", nil]
    company = companies.randomElement(using: &generator) ?? nil
    device = Int.random(in: 0..<3, using: &generator)
    let quarters = Int.random(in: -8..<80, using: &generator)
    fare = Int.random(in: 0..<10, using: &generator) == 0 ? nil : Double(quarters) / 4
    distance = Double.random(in: -1...50, using: &generator)
    isTipped = Bool.random(using: &generator)
    score = Double.random(in: 0...1, using: &generator)
  }

  var json: String {
    guard kind != .poison else { return #"{"at": \#(time), "company": "a", "fare": tru"# }
    var fields = ["\"device\": \(device)", "\"distance\": \(distance)"]
    if kind != .missingTime { fields.insert("\"at\": \(time)", at: 0) }
    if let company { fields.append("\"company\": \"\(company)\"") }
    if let fare { fields.append("\"fare\": \(fare)") }
    fields.append("\"tipped\": \(isTipped ? 1 : 0), \"score\": \(score)")
    return "{\(fields.joined(separator: ", "))}"
  }

  static let csvHeader = "at,company,device,distance,fare,tipped,score"

  var csv: String {
    guard kind != .poison else { return "\(time),a,not a number,1,1,1,1" }
    let company = company.map { "\"\($0)\"" } ?? ""
    let at = kind == .missingTime ? "" : "\(time)"
    let fare = fare.map { "\($0)" } ?? ""
    return "\(at),\(company),\(device),\(distance),\(fare),\(isTipped ? 1 : 0),\(score)"
  }
}
