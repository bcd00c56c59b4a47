import Dataflow
import EventTime
import Foundation

/// One line of progress on a terminal, rewritten twice a second; nothing where there is none.
struct ProgressLine {
  private let isShown: Bool
  private let start = Date()
  private var shownAt = Date()
  private var shownRows = 0
  private var shownBytes = 0
  private var isDirty = false

  init(isShown: Bool) { self.isShown = isShown && isatty(STDERR_FILENO) == 1 }

  mutating func update(_ report: RunReport) {
    guard isShown else { return }
    let now = Date()
    let elapsed = now.timeIntervalSince(shownAt)
    guard elapsed >= 0.5 else { return }
    let total = report.total
    let rows = Double(total.read - shownRows) / elapsed
    let bytes = Double(report.byteCount - shownBytes) / elapsed
    let lag = now.timeIntervalSince1970 - Double(report.watermark.microseconds) / 1e6
    var parts = [
      "\(total.read.grouped) rows", "\(Int(rows).grouped) rows/s",
      "\(Int(bytes / 1e6).grouped) MB/s",
    ]
    if report.watermark > .distantPast && report.watermark < .distantFuture {
      parts.append("watermark \(report.watermark)")
      if lag < 86_400 { parts.append("lag \(Int(lag)) s") }
    }
    parts += [
      "\(report.openWindowCount) windows open", "\(total.late.grouped) late",
      "\(total.quarantined.grouped) quarantined",
    ]
    write("\r\u{1B}[K" + parts.joined(separator: " · "))
    (shownAt, shownRows, shownBytes, isDirty) = (now, total.read, report.byteCount, true)
  }

  mutating func clear() {
    if isDirty { write("\r\u{1B}[K") }
    isDirty = false
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
