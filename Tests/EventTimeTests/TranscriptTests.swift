import EventTime
import Testing

@Suite struct TranscriptTests {
  @Test func `the machine follows Beam's transcripts, and bad ones are noticed`() throws {
    let transcripts = try Transcript.load()
    #expect(transcripts.count == 18)
    var followed = 0
    var rejected = 0
    for transcript in transcripts {
      let complaint = firstComplaint(transcript)
      if let expected = transcript.settings["error"] {
        #expect(complaint?.hasPrefix(expected) == true, "\(transcript): \(complaint ?? "-")")
        rejected += 1
      } else {
        #expect(complaint == nil, "\(transcript): \(complaint ?? "-")")
        followed += 1
      }
    }
    #expect(followed == 13)
    #expect(rejected == 5)
  }

  /// What is wrong between the transcript and the machine; `nil`: nothing.
  private func firstComplaint(_ transcript: Transcript) -> String? {
    var simulation = PaneSimulation(transcript.strategy)
    var unmatched: [(firing: PaneFiring, values: [Int])] = []
    for event in transcript.events {
      switch event {
      case .expect(let expectations):
        for expectation in expectations {
          guard
            let index = unmatched.firstIndex(where: {
              expectation.matches($0.firing, $0.values)
            })
          else { return "Unmatched output: \(expectation.fields), of \(unmatched)" }
          unmatched.remove(at: index)
        }
      case .input(let times):
        if !unmatched.isEmpty { return "Unexpected output: \(unmatched)" }
        for time in times { simulation.addRow(Int(time), at: Timestamp(microseconds: time)) }
        unmatched = simulation.apply(simulation.machine.fireDue())
      case .watermark(let time):
        if !unmatched.isEmpty { return "Unexpected output: \(unmatched)" }
        unmatched = simulation.apply(
          simulation.machine.advance(watermark: Timestamp(microseconds: time)))
      }
    }
    return unmatched.isEmpty ? nil : "Unexpected output: \(unmatched)"
  }
}

/// Beam's `CustomTimestampingFixedWindowsWindowFn`.
private struct ShiftedWindows: WindowFn {
  static let name = "shifted"

  let size: Interval

  func windows(for time: Timestamp) -> [Window] { FixedWindows(size: size).windows(for: time) }

  func outputTime(of time: Timestamp, in window: Window) -> Timestamp {
    time.advanced(by: .microseconds(100))
  }
}

extension Transcript {
  fileprivate var strategy: WindowingStrategy {
    let combiners: [String: TimestampCombiner] = [
      "OUTPUT_AT_EARLIEST": .earliest, "OUTPUT_AT_LATEST": .latest,
      "OUTPUT_AT_EARLIEST_TRANSFORMED": .earliestTransformed,
    ]
    return WindowingStrategy(
      windowFn: windowFn, trigger: trigger,
      allowedLateness: .microseconds(Int64(settings["allowed_lateness"] ?? "0") ?? 0),
      accumulation: settings["accumulation_mode"] == "discarding" ? .discarding : .accumulating,
      timestampCombiner: combiners[settings["timestamp_combiner"] ?? ""] ?? .endOfWindow)
  }

  private var windowFn: any WindowFn {
    let text = settings["window_fn"] ?? settings["windowfn"] ?? ""
    let size = Interval.microseconds(text.firstMatch(of: /\((\d+)\)/).flatMap { Int64($0.1) } ?? 0)
    if text.hasPrefix("Custom") { return ShiftedWindows(size: size) }
    return text.hasPrefix("Sessions") ? Sessions(gap: size) : FixedWindows(size: size)
  }

  private var trigger: Trigger {
    let text = settings["trigger_fn"] ?? "Default"
    func count(_ pattern: Regex<(Substring, Substring)>) -> Trigger? {
      text.firstMatch(of: pattern).flatMap { Int($0.1) }.map(Trigger.afterCount)
    }
    if text.hasPrefix("AfterWatermark") {
      return .afterWatermark(
        early: count(/early=AfterCount\((\d+)\)/), late: count(/late=AfterCount\((\d+)\)/))
    }
    return count(/^AfterCount\((\d+)\)/) ?? .default
  }
}
