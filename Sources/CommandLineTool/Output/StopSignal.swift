import Synchronization

/// Whether a run was asked to stop.
final class StopSignal: Sendable {
  private let isSent = Atomic(false)

  func send() { isSent.store(true, ordering: .relaxed) }
  var isOn: Bool { isSent.load(ordering: .relaxed) }
}
