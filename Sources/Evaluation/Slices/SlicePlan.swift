import Dataflow

/// How the slices of an evaluation come from its finest cells.
///
/// Rows are counted once for each maximal set of features; every other set is summed from one that
/// contains it. A feature with several values a row may not be summed away, since its rows stand
/// in several cells.
struct SlicePlan: Sendable {
  /// The features of each grouping, ordered by name.
  let groupings: [[String]]
  let steps: [Step]
  /// For each spec of the job, the step and the values it keeps.
  let specs: [Spec]
  /// The grouping in which each row has one cell, from which rows can be counted.
  let countingGrouping: Int
  /// The step of all rows, if there is one.
  let overallStep: Int?

  /// A set of features, and where its cells come from.
  struct Step: Sendable {
    let features: [String]
    let source: Source
  }

  enum Source: Sendable {
    case grouping(Int)
    /// Summed from the smallest of these steps, keeping of each key what stands at `positions`.
    case steps([(step: Int, positions: [Int])])
  }

  struct Spec: Sendable {
    let spec: SlicingSpec
    let step: Int
    /// The values that must hold, by position in the step's features.
    let fixed: [(position: Int, value: String)]
    /// Whether an earlier spec makes slices of the same features.
    let mayRepeat: Bool
  }

  /// - Parameters:
  ///   - specs: What slices there are.
  ///   - multivalent: Features with several values a row.
  ///   - needsOverall: Whether the slice of all rows must be known even if no spec asks for it.
  ///   - isSampled: Whether samples of the rows are kept apart.
  ///   - isBudgeted: Whether cells may stand for several keys, so that only all can be summed.
  init(
    _ specs: [SlicingSpec], multivalent: Set<String>, needsOverall: Bool = false,
    isSampled: Bool = false, isBudgeted: Bool = false
  ) {
    var sets = specs.map(\.features)
    if needsOverall || sets.allSatisfy({ !multivalent.isDisjoint(with: $0) }) { sets.append([]) }
    // Samples are the last of a key, so that those of a slice follow one another.
    if isSampled { sets = sets.map { $0 + [SamplingPlan.feature] } }
    var distinct: [[String]] = []
    for set in sets where !distinct.contains(set) { distinct.append(set) }
    // Larger sets first, so that a step's sources stand before it; ties keep the job's order.
    let ordered = distinct.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }.map(\.element)
    var groupings: [[String]] = []
    var steps: [Step] = []
    for features in ordered {
      let sources = steps.indices.compactMap { step -> (step: Int, positions: [Int])? in
        if isBudgeted, features.contains(where: { $0 != SamplingPlan.feature }) { return nil }
        return Self.positions(of: features, in: steps[step].features, multivalent).map {
          (step: step, positions: $0)
        }
      }
      if sources.isEmpty {
        steps.append(Step(features: features, source: .grouping(groupings.count)))
        groupings.append(features)
      } else {
        steps.append(Step(features: features, source: .steps(sources)))
      }
    }
    self.groupings = groupings
    self.steps = steps
    overallStep = steps.firstIndex { $0.features.allSatisfy { $0 == SamplingPlan.feature } }
    countingGrouping = groupings.firstIndex { multivalent.isDisjoint(with: $0) } ?? 0
    self.specs = specs.indices.map { index in
      let features = sets[index]
      return Spec(
        spec: specs[index], step: steps.firstIndex { $0.features == features } ?? 0,
        fixed: specs[index].featureValues.compactMap { fixed in
          features.firstIndex(of: fixed.feature).map { ($0, fixed.value) }
        },
        mayRepeat: sets[..<index].contains(features))
    }
  }

  /// Where `features` stand in `container`, if cells of these can be summed to cells of those.
  private static func positions(
    of features: [String], in container: [String], _ multivalent: Set<String>
  ) -> [Int]? {
    let dropped = container.filter { !features.contains($0) }
    guard dropped.count == container.count - features.count,
      multivalent.isDisjoint(with: dropped)
    else { return nil }
    return features.compactMap { container.firstIndex(of: $0) }
  }

  /// The cells of every step.
  func cells(of content: PaneContent) -> [GroupedStates] {
    var cells: [GroupedStates] = []
    for step in steps {
      switch step.source {
      case .grouping(let index): cells.append(content.groupings[index])
      case .steps(let sources):
        // Exact sums do not depend on the path, so the shortest is taken.
        guard
          let source = sources.min(by: { cells[$0.step].keys.count < cells[$1.step].keys.count })
        else { preconditionFailure("a step of \(step.features) without sources") }
        cells.append(cells[source.step].rolledUp(keeping: source.positions))
      }
    }
    return cells
  }
}
