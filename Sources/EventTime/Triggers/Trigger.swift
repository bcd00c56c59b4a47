/// When the panes of a window fire; Beam's trigger algebra.
///
/// A trigger only says when a pane *may* fire and whether it will ever fire again; whether an
/// empty pane is emitted is up to ``WindowingStrategy``. Source of the semantics: Beam's
/// `runners/core-java`, package `triggers`.
public indirect enum Trigger: Hashable, Codable, Sendable {
  /// At the end of the window, and whenever rows arrive after it. Never finishes.
  case `default`
  /// At the end of the window; before it whenever `early` fires, after it whenever `late` does.
  ///
  /// `early` and `late` repeat by themselves. Without `late` it finishes at the end of the window.
  case afterWatermark(early: Trigger? = nil, late: Trigger? = nil)
  /// Once, when processing time has passed the first row of the pane by `delay`, rounded up to
  /// `alignment` if there is one.
  case afterProcessingTime(delay: Interval, alignment: Alignment? = nil)
  /// Once, when the pane holds so many rows or more.
  case afterCount(Int)
  /// Once, when all have been ready.
  case afterAll([Trigger])
  /// Once, when one is ready.
  case afterAny([Trigger])
  /// One after the other, each until it finishes.
  case afterEach([Trigger])
  /// Again and again. Never finishes.
  case repeatedly(Trigger)
  /// The first, until it finishes or `until` fires.
  case orFinally(Trigger, until: Trigger)
  /// Only when the window closes.
  case never
  /// Whenever rows have arrived. Never finishes.
  case always

  /// Instants `offset + k·period` of processing time.
  public struct Alignment: Hashable, Codable, Sendable {
    public let period: Interval
    public let offset: Interval

    /// - Precondition: `period` is positive.
    public init(period: Interval, offset: Interval = .zero) {
      precondition(period > .zero, "the period of an alignment is positive, not \(period)")
      self.period = period
      self.offset = offset
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        period: try container.decodePositive(.period),
        offset: try container.decode(Interval.self, forKey: .offset))
    }

    /// `time` if it is one of the instants, else the next one.
    func roundUp(_ time: Timestamp) -> Timestamp {
      let period = period.microseconds
      let past = floorDivide(time.microseconds, by: period).remainder
      let phase = floorDivide(offset.microseconds, by: period).remainder
      let missing = past <= phase ? phase - past : phase - past + period
      return time.advanced(by: Interval(microseconds: missing))
    }
  }

  /// Whether the trigger may finish, after which Beam drops all further rows of the window.
  public var mayFinish: Bool {
    switch self {
    case .default, .repeatedly, .never, .always: false
    case .afterWatermark(_, let late): late == nil
    case .afterProcessingTime, .afterCount: true
    case .afterAll(let triggers), .afterEach(let triggers): triggers.allSatisfy(\.mayFinish)
    case .afterAny(let triggers): triggers.contains(where: \.mayFinish)
    case .orFinally(let trigger, let until): trigger.mayFinish || until.mayFinish
    }
  }

  /// The trigger for a second aggregation behind one that has this trigger.
  ///
  /// Lets through what the first one fires as soon as it can: counts become 1, delays become
  /// zero (Beam: synchronized processing time, which one process is by itself).
  public var continuation: Trigger {
    switch self {
    case .default, .never, .always: self
    case .afterWatermark(let early, let late):
      .afterWatermark(early: early?.continuation, late: late?.continuation)
    case .afterProcessingTime: .afterProcessingTime(delay: .zero)
    case .afterCount: .afterCount(1)
    case .afterAll(let triggers): .afterAll(triggers.map(\.continuation))
    case .afterAny(let triggers): .afterAny(triggers.map(\.continuation))
    case .afterEach(let triggers): .repeatedly(.afterAny(triggers.map(\.continuation)))
    case .repeatedly(let trigger): .repeatedly(trigger.continuation)
    case .orFinally(let trigger, let until):
      .repeatedly(.afterAny([trigger.continuation, until.continuation]))
    }
  }
}

extension Trigger: CustomStringConvertible {
  /// The trigger as an expression: `afterWatermark(late: afterCount(1))`.
  public var description: String {
    func list(_ triggers: [Trigger]) -> String {
      triggers.map(\.description).joined(separator: ", ")
    }
    switch self {
    case .default: return "default"
    case .afterWatermark(let early, let late):
      let parts = [early.map { "early: \($0)" }, late.map { "late: \($0)" }].compactMap { $0 }
      return "afterWatermark(\(parts.joined(separator: ", ")))"
    case .afterProcessingTime(let delay, nil): return "afterProcessingTime(\(delay))"
    case .afterProcessingTime(let delay, let alignment?):
      return "afterProcessingTime(\(delay), every: \(alignment.period))"
    case .afterCount(let count): return "afterCount(\(count))"
    case .afterAll(let triggers): return "afterAll(\(list(triggers)))"
    case .afterAny(let triggers): return "afterAny(\(list(triggers)))"
    case .afterEach(let triggers): return "afterEach(\(list(triggers)))"
    case .repeatedly(let trigger): return "repeatedly(\(trigger))"
    case .orFinally(let trigger, let until): return "orFinally(\(trigger), until: \(until))"
    case .never: return "never"
    case .always: return "always"
    }
  }
}
