import CRdKafka
import Synchronization

/// The last lines that librdkafka logged, for error messages: what it logs says why it cannot go on.
final class ClientLog: Sendable {
  private let lines = Mutex<[String]>([])
  private let secrets: [String]

  init(secrets: [String]) { self.secrets = secrets }

  /// The newest line, or `nil`.
  var last: String? { lines.withLock { $0.last } }

  func add(_ line: String) {
    let shown = hidingSecrets(line)
    lines.withLock { lines in
      if lines.last != shown { lines.append(shown) }
      if lines.count > 8 { lines.removeFirst() }
    }
  }

  func hidingSecrets(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: "(secret)") }
  }

  /// Makes `configuration` log here; the log must outlive its client.
  func attach(to configuration: OpaquePointer) {
    unsafe rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
    unsafe rd_kafka_conf_set_log_cb(configuration) { client, _, _, text in
      guard let client = unsafe client, let text = unsafe text,
        let opaque = unsafe rd_kafka_opaque(client)
      else { return }
      let log = unsafe Unmanaged<ClientLog>.fromOpaque(opaque).takeUnretainedValue()
      unsafe log.add(String(cString: text))
    }
  }
}
