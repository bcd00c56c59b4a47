import ArgumentParser
import FileIO
import Foundation
import Snapshots

/// The exit codes that users and scripts rely on.
enum ExitStatus {
  static let failure = ExitCode(1)
  static let badJob = ExitCode(2)
  static let gateFailed = ExitCode(3)
  static let gateUndecided = ExitCode(4)
  /// As a shell reports a process that SIGINT ended.
  static let interrupted = ExitCode(130)
}

/// Runs a command's body and turns errors into one clear line and an exit code.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as ExitCode {
    throw error
  } catch let error as ConfigurationError {
    printError("\(error)")
    throw ExitStatus.badJob
  } catch let error as ValidationError {
    printError(error.message)
    throw ExitStatus.badJob
  } catch {
    printError("\(error)")
    throw ExitStatus.failure
  }
}

func printError(_ message: String) { printToError("limno: \(message)") }

func printToError(_ line: String) {
  FileHandle.standardError.write(Data((line + "\n").utf8))
}
