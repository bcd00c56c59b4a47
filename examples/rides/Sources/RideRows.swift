#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Ride `index` of a run as one JSON line: a function of the options and the index only.
///
/// A row's *slot* is when it would arrive; its event time `pickup_at` lies at or before that:
/// 20 % of the rows by up to 8 s, 0.2 % by 15 to 300 s (behind, within an allowed lateness of 10
/// minutes) and 0.02 % by 12 to 30 minutes (late for a 1-minute window).
struct RideRows {
  private let options: Options
  private let countries = Zipf(count: Places.countries.count)
  private let cities = Zipf(count: 5)
  private let devices = Zipf(count: Places.devices.count)
  private let payments = Zipf(count: Places.payments.count)
  private let companies = Zipf(count: 300)
  private let words = Zipf(count: Places.words.count)
  private let noteWords = Places.words.map { Array($0.utf8) }

  /// 2026-09-01T21:00:00Z in milliseconds: six hours from here cross a midnight.
  private static let start = 1_788_296_400_000

  init(_ options: Options) { self.options = options }

  /// When row `index` would arrive, in milliseconds since the epoch.
  func slot(_ index: Int) -> Int { Self.start + index * options.spanMilliseconds / options.rows }

  /// The event time of row `index`, in milliseconds since the epoch.
  func eventTime(_ index: Int) -> Int {
    var random = SplitMix64(seed: options.seed, index: index)
    return eventTime(index, &random)
  }

  private func eventTime(_ index: Int, _ random: inout SplitMix64) -> Int {
    let kind = random.uniform()
    let part = random.uniform()
    let slot = slot(index)
    if kind < 0.000_2 { return options.hasLateRows ? slot - 720_000 - Int(part * 1_080_000) : slot }
    if kind < 0.002_2 { return slot - 15_000 - Int(part * 285_000) }
    return kind < 0.202_2 ? slot - Int(part * 8_000) : slot
  }

  /// Appends line `index`, its newline included.
  func append(_ index: Int, to line: inout LineBuffer) {
    var random = SplitMix64(seed: options.seed, index: index)
    let ride = Ride(time: eventTime(index, &random), number: index, &random, self)
    if let poison = Poison(index: index, of: options.rows) {
      poison.append(ride, to: &line)
    } else {
      ride.append(to: &line)
    }
  }

  /// What was drawn for one ride.
  struct Ride {
    let time: Int
    let number: Int
    let country: Places.Country
    let city: String
    let device: String
    let company: Int
    let payment: String
    let note: [UInt8]
    let fareCents: Int
    /// In metres; `nil` where the key is absent, and negative where it is `null`.
    let distance: Int?
    let passengers: Int
    let isTipped: Bool
    /// In 1/10,000.
    let scoreA: Int
    let scoreB: Int
    let weightCents: Int
  }
}

extension RideRows.Ride {
  fileprivate init(time: Int, number: Int, _ random: inout SplitMix64, _ rows: RideRows) {
    self.time = time
    self.number = number
    country = Places.countries[rows.countries.rank(&random)]
    city = country.cities[rows.cities.rank(&random)]
    device = Places.devices[rows.devices.rank(&random)]
    company = rows.companies.rank(&random)
    let paymentRank = rows.payments.rank(&random)
    payment = Places.payments[paymentRank]
    note = rows.note(&random)

    let length = random.normal()
    let fare = exp(2.5 + 0.48 * length + 0.36 * random.normal())
    fareCents = max(250, Int(fare * 100 + 0.5))
    let metres = Int(1_000 * exp(1.2 + 0.7 * length))
    let gap = random.uniform()
    distance = gap < 0.01 ? nil : gap < 0.02 ? -1 : metres
    passengers = 1 + rows.cities.rank(&random)

    // Model b sees nearly all that moves the odds; model a sees less of it and is too sure.
    let logit = -0.6 + country.tipping + Places.paymentTipping[paymentRank] + 0.9 * random.normal()
    isTipped = random.uniform() < Self.sigmoid(logit)
    scoreA = Self.score(0.4 + 1.5 * (logit + 0.9 * random.normal()))
    scoreB = Self.score(0.95 * logit + 0.25 * random.normal())
    weightCents = random.uniform() < 0.8 ? 100 : 50 + random.below(151)
  }

  private static func sigmoid(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

  private static func score(_ logit: Double) -> Int {
    min(9_999, max(1, Int(sigmoid(logit) * 10_000 + 0.5)))
  }

  fileprivate func append(to line: inout LineBuffer) {
    appendStart(to: &line)
    line.text("\",\"fare\":")
    line.fixed(fareCents, decimals: 2)
    appendEnd(to: &line)
    line.text("}\n")
  }

  /// Up to the text of the note, whose quote stays open.
  func appendStart(to line: inout LineBuffer) {
    line.text("{\"pickup_at\":")
    line.integer(time)
    line.text(",\"ride_id\":")
    line.integer(number)
    line.text(",\"country\":\"")
    line.text(country.code)
    line.text("\",\"city\":\"")
    line.text(city)
    line.text("\",\"device\":\"")
    line.text(device)
    line.text("\",\"company\":\"company-")
    line.integer(company, digits: 3)
    line.text("\",\"payment_type\":\"")
    line.text(payment)
    line.text("\",\"note\":\"")
    line.bytes.append(contentsOf: note)
  }

  /// From behind the fare to before the closing brace.
  func appendEnd(to line: inout LineBuffer) {
    if let distance {
      line.text(",\"distance_km\":")
      if distance < 0 { line.text("null") } else { line.fixed(distance, decimals: 3) }
    }
    line.text(",\"passengers\":")
    line.integer(passengers)
    line.text(isTipped ? ",\"tipped\":1,\"score_a\":" : ",\"tipped\":0,\"score_a\":")
    line.fixed(scoreA, decimals: 4)
    line.text(",\"score_b\":")
    line.fixed(scoreB, decimals: 4)
    line.text(",\"weight\":")
    line.fixed(weightCents, decimals: 2)
  }
}

extension RideRows {
  fileprivate func note(_ random: inout SplitMix64) -> [UInt8] {
    var note: [UInt8] = []
    for position in 0..<(2 + random.below(4)) {
      if position > 0 { note.append(UInt8(ascii: " ")) }
      note += noteWords[words.rank(&random)]
    }
    return note
  }
}
