import Dataflow
import FileIO
import FileIOTesting
import Foundation
import Snapshots
import Testing

/// The report as a browser shows it.
@Suite struct ReportTests {
  private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Four windows of 10 s with rows behind, two models, slices, gates, drift; hostile names.
  private static func job(_ directory: TemporaryDirectory) throws -> String {
    let rows = (0..<800).map { index in
      let score = Double((index * 37) % 100) / 100
      let old = Double((index * 53) % 100) / 100
      let label = (index * 37 + index * 11 % 60) % 100 > 50 ? 1 : 0
      let at = index * 50 - (index % 90 == 89 ? 15_000 : 0)
      let country = ["de", "<script>alert(1)</script>", "f\"r'"][index % 3]
        .replacingOccurrences(of: "\"", with: "\\\"")
      return """
        {"at": \(max(0, at)), "label": \(label), "score": \(score), "old": \(old), \
        "country": "\(country)", "fare": \(index % 40 + (index > 600 ? 9 : 0))}

        """
    }
    let input = try directory.write("in.jsonl", rows.joined())
    return try directory.write(
      "job.yaml",
      """
      job: rides & more
      source: { files: { paths: [\(input)], format: jsonl } }
      schema: { at: timestamp_ms }
      event_time: { column: at, late: drop }
      windows: { fixed: 10s, allowed_lateness: 1m, trigger: { after_watermark: { late: { after_count: 1 } } } }
      evaluate:
        label: label
        models: { new: score, old: old }
        baseline: old
        slices: [[], [country]]
        metrics: [example_count, auc, binary_accuracy]
        thresholds: { auc: { lower_bound: 0.5 } }
        plots: true
        intervals: jackknife
        slice_budget: 2
      drift: { features: [fare, country] }
      output: { snapshots: \(directory.path)/out }
      """)
  }

  private struct Chart {
    var title: String
    var declared: Int
    var drawn: Int
  }

  /// What the browser made of the page.
  private static func charts(_ dom: String) throws -> [Chart] {
    try dom.components(separatedBy: "<svg class=\"chart").dropFirst().map { part in
      let body = try #require(part.components(separatedBy: "</svg>").first)
      func attribute(_ name: String) -> String {
        let rest = body.components(separatedBy: "\(name)=\"").dropFirst().first ?? ""
        return String(rest.prefix { $0 != "\"" })
      }
      return Chart(
        title: attribute("aria-label"), declared: Int(attribute("data-marks")) ?? -1,
        drawn: body.components(separatedBy: "class=\"mark").count - 1)
    }
  }

  /// Opens a page and returns its document and what the browser said.
  private static func open(_ page: String, in directory: String) throws -> (String, String) {
    let process = Process()
    process.executableURL = URL(filePath: browser ?? "")
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(directory)/browser",
      "--enable-logging=stderr", "--dump-dom", "file://\(page)",
    ]
    let (output, errors) = (directory + "/dom", directory + "/browser.log")
    for path in [output, errors] { try Data().write(to: URL(filePath: path)) }
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return (
      try String(contentsOfFile: output, encoding: .utf8),
      try String(contentsOfFile: errors, encoding: .utf8)
    )
  }

  @Test func `a page needs no other file and is the same each time`() throws {
    let directory = try TemporaryDirectory()
    let job = try Self.job(directory)
    let run = try Limno.run("run", job, "--quiet", "--workers", "2")
    #expect(run.status == 0, "\(run)")
    var pages: [String] = []
    for name in ["one.html", "two.html"] {
      let path = directory.path + "/" + name
      let report = try Limno.run("report", directory.path + "/out", "-o", path)
      #expect(report.status == 0, "\(report)")
      pages.append(try String(contentsOfFile: path, encoding: .utf8))
    }
    #expect(pages[0] == pages[1])
    #expect(!pages[0].contains("<script>alert"), "names are text")
    for address in ["http:", "https:", "src=", "@import", "url("] {
      #expect(!pages[0].contains(address), "\(address)")
    }
    let missing = try Limno.run("report", directory.path + "/none", "-o", "/dev/null")
    #expect(missing.status == 1 && missing.errorLines.count == 1, "\(missing)")
  }

  @Test(.enabled(if: browser != nil, "ops/setup.sh --browser installs Chromium"))
  func `a browser draws every mark without an error`() throws {
    let directory = try TemporaryDirectory()
    #expect(try Limno.run("run", try Self.job(directory), "--quiet").status == 0)
    let page = directory.path + "/report.html"
    #expect(try Limno.run("report", directory.path + "/out", "-o", page).status == 0)
    let (dom, log) = try Self.open(page, in: directory.path)
    #expect(dom.contains("data-errors=\"0\"") && dom.contains("data-ready=\"1\""))
    #expect(!log.contains("CONSOLE"), "\(log)")
    let charts = try Self.charts(dom)
    for chart in charts { #expect(chart.declared == chart.drawn && chart.drawn > 0, "\(chart)") }
    func marks(_ title: String) -> [Int] { charts.filter { $0.title == title }.map(\.drawn) }
    // Windows by models; slices of one feature; features; points as in the lines of the plots.
    let windows = try SnapshotStore(directory: directory.path + "/out").lastPanes().count {
      $0.manifest.kind == .evaluation
    }
    #expect(windows >= 4)
    for metric in ["example_count", "auc", "binary_accuracy"] {
      #expect(marks(metric) == [2 * windows])
    }
    #expect(marks("auc, new") == [3] && marks("binary_accuracy, old") == [3])
    #expect(marks("Jensen–Shannon divergence") == [2])
    #expect(marks("ROC").count == 4 && marks("Calibration").count == 4)
    #expect(dom.components(separatedBy: "<th><button>").count > 10, "tables can be sorted")
    for section in [
      "Gates", "Metrics over windows", "Plots", "Slices", "Fairness over slices",
      "Fairness over thresholds", "Heavy hitters beyond the budget",
      "Candidate against baseline", "Drift", "Ledger",
    ] {
      #expect(dom.contains("<h2>\(section)"), "\(section)")
    }
  }
}
