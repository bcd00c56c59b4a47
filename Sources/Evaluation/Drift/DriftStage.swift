import Accumulators
public import Dataflow
public import EventTime
import Expressions

/// A watch for drift as a stage of a pipeline.
public struct DriftStage: Sendable {
  /// What the engine runs: a distribution of each feature, or two of a window and the one before.
  public let description: StageDescription
  private let spec: DriftSpec

  public init(_ spec: DriftSpec, name: String) {
    self.spec = spec
    var uses = [AccumulatorUse(AccumulatorPlan(GroupedCounts.self, .init(present: false)), of: [])]
    for feature in spec.features {
      let plan =
        switch feature.kind {
        case .numeric: AccumulatorPlan(GroupedQuantiles.self, QuantileParameters(budget: 4096))
        case .categorical: AccumulatorPlan(GroupedVocabulary.self, VocabularyParameters())
        }
      uses.append(AccumulatorUse(plan, of: [feature.expression]))
    }
    let keys: [Expression] =
      if case .previous(let previous) = spec.reference { [previous.stretch] } else { [] }
    description = StageDescription(
      name: name, kind: .drift, groupings: [keys],
      accumulators: uses)
  }

  /// Compares what a pane of `description` holds of `window` with the reference.
  public func finish(_ content: PaneContent, of window: Window) -> DriftSnapshot {
    let cells = content.groupings[0]
    switch spec.reference {
    case .known(let reference):
      let byName = Dictionary(reference.map { ($0.name, $0) }) { first, _ in first }
      let current = found([], in: cells)
      return DriftSnapshot(current, against: current.map { byName[$0.name] }, spec)
    case .previous(let previous):
      // The window is 1, the one before 0.
      let sides = cells.rolledUp { key in
        guard case .int64(let stretch)? = key.first,
          let isCurrent = previous.isCurrent(stretch, in: window)
        else { return [] }
        return [[.int64(isCurrent ? 1 : 0)]]
      }
      return DriftSnapshot(
        found([.int64(1)], in: sides), against: found([.int64(0)], in: sides), spec)
    }
  }

  private func found(_ key: [KeyValue], in cells: GroupedStates) -> [FeatureDistribution] {
    let index = (0..<cells.keys.count).first { cells.keys[$0] == key }
    return distributions(in: cells, cell: index.map { $0 + 1 })
  }

  private func distributions(in cells: GroupedStates, cell: Int?) -> [FeatureDistribution] {
    let rows = cell.map { cells.states(0, as: GroupedCounts.self).single($0).output() } ?? 0
    return spec.features.enumerated().map { index, feature in
      switch feature.kind {
      case .numeric:
        let states = cells.states(index + 1, as: GroupedQuantiles.self)
        return FeatureDistribution(feature.name, states.single(cell ?? 0).output(), rows: rows)
      case .categorical:
        let states = cells.states(index + 1, as: GroupedVocabulary.self)
        return FeatureDistribution(feature.name, states.output(cell ?? 0), rows: rows)
      }
    }
  }
}
