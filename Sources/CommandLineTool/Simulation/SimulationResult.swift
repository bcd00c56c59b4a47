/// What came of a case.
struct SimulationResult {
  /// Where a case and the machine first differ.
  struct Difference {
    /// What Beam's transcripts call it: `Unmatched output`, `Unexpected output`; or `Other hold`.
    var kind: String
    /// From 1.
    var step: Int
    var event: String
    var expected: [String]
    var fired: [String]
  }

  enum Verdict {
    case passed
    case failed(Difference)
    /// The case is wrong on purpose, and nothing was found to be.
    case unnoticed(complaint: String)
    /// Nothing was expected.
    case shown
  }

  var verdict: Verdict
  /// What each step fired, up to where the run ended.
  var fired: [[ShownPane]] = []

  init(running simulated: SimulationCase) {
    var simulation = PaneSimulation(simulated.strategy)
    var difference: Difference?
    for (index, step) in simulated.steps.enumerated() {
      let panes = simulation.perform(step.event)
      fired.append(panes)
      guard simulated.hasExpectations else { continue }
      difference = Self.difference(in: step, panes, simulation.hold)
      difference?.step = index + 1
      if difference != nil { break }
    }
    verdict = Self.verdict(simulated, difference)
  }

  private static func verdict(_ simulated: SimulationCase, _ difference: Difference?) -> Verdict {
    guard simulated.hasExpectations else { return .shown }
    guard let complaint = simulated.complaint else {
      return difference.map(Verdict.failed) ?? .passed
    }
    guard let difference else { return .unnoticed(complaint: complaint) }
    return difference.kind == complaint ? .passed : .failed(difference)
  }

  private static func difference(
    in step: SimulationCase.Step, _ panes: [ShownPane], _ hold: Int64?
  ) -> Difference? {
    func difference(_ kind: String, _ expected: [String], _ fired: [String]) -> Difference {
      Difference(kind: kind, step: 0, event: step.text, expected: expected, fired: fired)
    }
    let expected = step.panes ?? []
    var rest = panes
    for expectation in expected {
      guard let index = rest.firstIndex(where: expectation.matches) else {
        return difference("Unmatched output", expected.map(\.text), panes.map(\.description))
      }
      rest.remove(at: index)
    }
    guard rest.isEmpty else {
      return difference("Unexpected output", expected.map(\.text), panes.map(\.description))
    }
    if case .exactly(let wanted) = step.hold, wanted != hold {
      let text = { (time: Int64?) in time.map { "hold \($0)" } ?? "no hold" }
      return difference("Other hold", [text(wanted)], [text(hold)])
    }
    return nil
  }
}
