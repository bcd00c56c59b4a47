/// A way to be no ride: what a decoder has to set aside, with its reason, and never lose.
enum Poison: Int, CaseIterable {
  case cutShort, wrongType, invalidUTF8, noJSON, noEventTime, trailingText

  /// How many lines of a run are poison, each kind twice.
  static let lineCount = 2 * allCases.count

  /// The poison of line `index`, `nil` for all but `lineCount` lines evenly spread over `rows`.
  init?(index: Int, of rows: Int) {
    let blocks = Self.lineCount + 1
    let block = index * blocks / rows
    guard index > 0, block > 0, (index - 1) * blocks / rows != block else { return nil }
    self = Self.allCases[(block - 1) % Self.allCases.count]
  }

  /// Appends `ride` spoiled in this way, and a newline.
  func append(_ ride: RideRows.Ride, to line: inout LineBuffer) {
    switch self {
    case .cutShort:
      ride.appendStart(to: &line)
    case .wrongType:
      ride.appendStart(to: &line)
      line.text("\",\"fare\":\"twelve\"")
      ride.appendEnd(to: &line)
      line.text("}")
    case .invalidUTF8:
      ride.appendStart(to: &line)
      line.bytes += [0xC3, 0x28]
      close(ride, &line)
    case .noJSON:
      line.text("-- connection reset by peer --")
    case .noEventTime:
      line.text("{\"ride_id\":")
      line.integer(ride.number)
      line.text(",\"note\":\"")
      close(ride, &line)
    case .trailingText:
      ride.appendStart(to: &line)
      close(ride, &line)
      line.text("}")
    }
    line.text("\n")
  }

  private func close(_ ride: RideRows.Ride, _ line: inout LineBuffer) {
    line.text("\",\"fare\":")
    line.fixed(ride.fareCents, decimals: 2)
    ride.appendEnd(to: &line)
    line.text("}")
  }
}
