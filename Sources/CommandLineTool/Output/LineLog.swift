import ArgumentParser
import EventTime
import Formats
import Foundation
import Logging

/// How a run says what it does, on standard error.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  /// A line for people.
  case text
  /// A JSON object a line: `time`, `level`, `message`, and what belongs to the message.
  case json
}

/// The least level that is logged.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
  case debug, info, notice, warning, error

  var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .notice }
}

/// Writes each message as one line.
struct LineLog: LogHandler {
  let format: LogFormat
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  /// A logger of a run; without `level`, people hear of what they must know, and machines of all
  /// that a run does.
  static func logger(
    _ format: LogFormat, level: Logger.Level?, job: String
  ) -> Logger {
    Logger(label: "limno") { _ in
      LineLog(
        format: format, logLevel: level ?? (format == .json ? .info : .notice),
        metadata: format == .json ? ["job": "\(job)"] : [:])
    }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    switch format {
    case .text:
      let details = all.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      let message = "\(event.level): \(event.message)"
      printToError(details.isEmpty ? message : "\(message) (\(details))")
    case .json:
      var writer = JSONWriter()
      writer.beginObject()
      writer.member("time", Timestamp.now.description)
      writer.member("level", event.level.rawValue)
      writer.member("message", "\(event.message)")
      for (key, value) in all {
        writer.key(key)
        writer.write(value)
      }
      writer.endObject()
      printToError(writer.text)
    }
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ metadata: Logger.MetadataValue) {
    switch metadata {
    case .string(let text): value(text)
    case .stringConvertible(let number as Int): value(number)
    case .stringConvertible(let number as Double): value(number)
    case .stringConvertible(let other): value("\(other)")
    case .array(let values):
      beginArray()
      for value in values { write(value) }
      endArray()
    case .dictionary(let values):
      beginObject()
      for (key, value) in values.sorted(by: { $0.key < $1.key }) {
        self.key(key)
        write(value)
      }
      endObject()
    }
  }
}

extension Timestamp {
  /// By the clock of this machine.
  static var now: Timestamp {
    Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
  }
}
