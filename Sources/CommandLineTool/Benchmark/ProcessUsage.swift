import FileIO
import Foundation

/// What this process has used.
enum ProcessUsage {
  /// Processor time of all threads, in seconds.
  static var cpuSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// The greatest resident memory since ``resetPeak()``, in bytes; `nil` where it is not told.
  static var peakBytes: Int? {
    guard let status = try? FileSystem.contents(of: "/proc/self/status") else { return nil }
    let text = String(decoding: status, as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
    return kilobytes.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Starts ``peakBytes`` anew, where the system lets it (Linux).
  static func resetPeak() {
    FileHandle(forWritingAtPath: "/proc/self/clear_refs")?.write(Data("5".utf8))
  }
}
