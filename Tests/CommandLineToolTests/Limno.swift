import Foundation

/// The executable as users run it.
enum Limno {
  struct Outcome: Sendable {
    var status: Int32
    var output: String
    var errors: String

    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// Beside the test bundle.
  static var path: String {
    let bundle = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let beside = bundle.deletingLastPathComponent().appending(path: "limno").path
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    let arguments = CommandLine.arguments.map { URL(filePath: $0).deletingLastPathComponent() }
    let places = arguments.map { $0.appending(path: "limno").path }
    return places.first { FileManager.default.isExecutableFile(atPath: $0) } ?? beside
  }

  static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    let process = try start(arguments, environment: environment)
    return try process.outcome(within: 60)
  }

  static func start(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> RunningLimno {
    try RunningLimno(path, arguments, environment)
  }
}

/// A process whose output goes to files, so that no pipe can fill.
final class RunningLimno {
  struct Timeout: Error {}

  let process = Process()
  private let output: URL
  private let errors: URL

  init(_ path: String, _ arguments: [String], _ environment: [String: String]) throws {
    let name = NSTemporaryDirectory() + UUID().uuidString
    output = URL(filePath: name + ".out")
    errors = URL(filePath: name + ".err")
    for url in [output, errors] { try Data().write(to: url) }
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
    try? FileManager.default.removeItem(at: output)
    try? FileManager.default.removeItem(at: errors)
  }

  /// What it has written to standard error.
  var errorsSoFar: String {
    String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
  }

  /// Ends the process as a crash does.
  func crash() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Waits for the end; a process that takes longer is killed.
  func outcome(within seconds: Double) throws -> Limno.Outcome {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning {
      guard Date() < deadline else {
        kill(process.processIdentifier, SIGKILL)
        throw Timeout()
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return Limno.Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
  }

  /// Waits until `condition` holds, the process ends, or the time is over; whether it holds.
  func waits(for condition: () -> Bool, within seconds: Double = 30) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning && Date() < deadline {
      if condition() { return true }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return condition()
  }
}
