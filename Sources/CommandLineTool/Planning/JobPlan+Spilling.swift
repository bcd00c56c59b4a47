import Accumulators
import FileIO

extension JobConfiguration {
  /// Bytes of vocabularies, and of rows kept for later phases, that are in memory.
  var spillBudget: Int {
    vocabularyBudget ?? min(256 << 20, (memoryLimit?.byteCount ?? .max) / 4)
  }
}

extension JobPlan {
  /// What goes to disk beyond which budget: to a file without a name, beside the checkpoints if there
  /// are any, else beside the snapshots, which are in `directory`.
  func spilling(snapshots directory: String) -> Spilling {
    Spilling(
      SpillFile(
        directory: configuration.checkpoints?.directory ?? directory, attempt: Self.attempt),
      budget: configuration.spillBudget)
  }
}
