import ArgumentParser
import Dashboard
import FileIO
import Foundation
import Logging

/// How a run tells what it does while it is on: its log, and its status over HTTP.
struct RunOutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Answer /livez, /readyz, /metrics (Prometheus) and /status (JSON) at this address.",
      discussion: """
        Such as 127.0.0.1:9090; port 0 takes a free one, which is logged. An address that other \
        machines can reach needs a token, in the environment variable LIMNO_HTTP_TOKEN or in a file.
        """, valueName: "address"))
  var http: String?

  @Option(
    help: "A file whose content /metrics and /status ask for as a bearer token.",
    completion: .file())
  var httpTokenFile: String?

  @Option(help: "How the log is written to standard error: text, or json, an object a line.")
  var log = LogFormat.text

  @Option(help: "The least level that is logged (default: notice; with --log json, info).")
  var logLevel: LogLevel?

  /// Where to answer; `nil` for nowhere.
  ///
  /// - Throws: `ValidationError` for an address that cannot be used, or without the token it needs.
  func endpoint() throws -> StatusEndpoint? {
    guard let http else { return nil }
    let text =
      try httpTokenFile.map { String(decoding: try FileSystem.contents(of: $0), as: UTF8.self) }
      ?? ProcessInfo.processInfo.environment["LIMNO_HTTP_TOKEN"] ?? ""
    let token = StatusEndpoint.Secret(text.trimmingCharacters(in: .whitespacesAndNewlines))
    if let httpTokenFile, token == nil {
      throw ValidationError("--http-token-file \(httpTokenFile): the file is empty")
    }
    do {
      return try StatusEndpoint(http, token: token)
    } catch {
      throw ValidationError("--http: \(error)")
    }
  }

  func logger(job: String, isQuiet: Bool) -> Logger {
    LineLog.logger(
      log, level: logLevel?.level ?? (isQuiet && log == .text ? .error : nil), job: job)
  }
}
