import CRdKafka
import Synchronization

/// The last lines that librdkafka logged, and the first record it could not deliver, for error
/// messages: what it logs says why it cannot go on.
final class ClientLog: Sendable {
  private struct State {
    var lines: [String] = []
    var failure: rd_kafka_resp_err_t?
  }

  private let state = Mutex(State())
  private let secrets: [String]

  init(secrets: [String]) { self.secrets = secrets }

  /// The newest line, or `nil`.
  var last: String? { state.withLock { $0.lines.last } }

  /// Why a record could not be delivered.
  var failure: rd_kafka_resp_err_t? { state.withLock { $0.failure } }

  func add(_ line: String) {
    let shown = hidingSecrets(line)
    state.withLock { state in
      if state.lines.last != shown { state.lines.append(shown) }
      if state.lines.count > 8 { state.lines.removeFirst() }
    }
  }

  private func note(failure: rd_kafka_resp_err_t) {
    state.withLock { $0.failure = $0.failure ?? failure }
  }

  func hidingSecrets(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: "(secret)") }
  }

  /// Makes `settings` log here; the log must outlive the client.
  func attach(to settings: OpaquePointer) {
    unsafe rd_kafka_conf_set_opaque(settings, Unmanaged.passUnretained(self).toOpaque())
    unsafe rd_kafka_conf_set_log_cb(settings) { client, _, _, text in
      guard let client = unsafe client, let text = unsafe text,
        let opaque = unsafe rd_kafka_opaque(client)
      else { return }
      let log = unsafe Unmanaged<ClientLog>.fromOpaque(opaque).takeUnretainedValue()
      unsafe log.add(String(cString: text))
    }
  }

  /// Makes `settings`, attached before, tell of every record that is not delivered.
  func attachReports(to settings: OpaquePointer) {
    unsafe rd_kafka_conf_set_dr_msg_cb(settings) { _, message, opaque in
      guard let message = unsafe message, let opaque = unsafe opaque,
        unsafe message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR
      else { return }
      let log = unsafe Unmanaged<ClientLog>.fromOpaque(opaque).takeUnretainedValue()
      unsafe log.note(failure: message.pointee.err)
    }
  }
}
