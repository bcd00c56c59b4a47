/// The triggers of job files by their names there.
enum TriggerCatalog {
  struct Entry {
    var name: String
    /// How it is written in a job file.
    var form: String
    var summary: String
  }

  static let all = [
    Entry(
      name: "default", form: "default",
      summary: "at the end of the window, and whenever rows arrive after it"),
    Entry(
      name: "after_watermark", form: "after_watermark: { early: TRIGGER, late: TRIGGER }",
      summary: "at the end of the window; before and after it whenever the parts fire"),
    Entry(
      name: "after_count", form: "after_count: ROWS",
      summary: "once, when the pane holds so many rows"),
    Entry(
      name: "after_processing_time", form: "after_processing_time: DELAY",
      summary: "once, when the first row of the pane is so old"),
    Entry(
      name: "every", form: "every: DELAY",
      summary: "again and again, when the first row of the pane is so old"),
    Entry(name: "after_all", form: "after_all: [TRIGGER, …]", summary: "once, when all were ready"),
    Entry(name: "after_any", form: "after_any: [TRIGGER, …]", summary: "once, when one is ready"),
    Entry(
      name: "after_each", form: "after_each: [TRIGGER, …]",
      summary: "one after the other, each until it finishes"),
    Entry(name: "repeatedly", form: "repeatedly: TRIGGER", summary: "again and again"),
    Entry(
      name: "or_finally", form: "or_finally: { trigger: TRIGGER, until: TRIGGER }",
      summary: "the first, until it finishes or the second fires"),
    Entry(name: "never", form: "never", summary: "only when the window closes"),
    Entry(name: "always", form: "always", summary: "whenever rows have arrived"),
  ]

  static let names = all.map(\.name)
}
