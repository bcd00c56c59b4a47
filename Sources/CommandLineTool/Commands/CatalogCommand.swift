import ArgumentParser
import Formats

/// `limno catalog [SECTION]`: what job files may name.
struct CatalogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog",
    abstract: "List functions, metrics, triggers and windows, with what is supported.",
    discussion: """
      The names are those of job files and formulas. What TensorFlow Transform and TensorFlow Model \
      Analysis have and this does not is listed as refused, with the reason.
      """)

  @Argument(
    help: ArgumentHelp(
      "One of \(CatalogSection.allCases.map(\.rawValue).joined(separator: ", ")); all if not given."
    ))
  var section: CatalogSection?

  @Flag(help: "List only what is supported.")
  var supported = false

  @Option(help: "table or json.")
  var output = OutputFormat.table

  func run() throws {
    let sections = section.map { [$0] } ?? CatalogSection.allCases
    print(output == .json ? json(sections) : sections.map(table).joined(separator: "\n\n"))
  }

  private func lines(_ section: CatalogSection) -> [CatalogLine] {
    section.lines.filter { $0.isSupported || !supported }
  }

  private func table(_ section: CatalogSection) -> String {
    var table = Table([(section.rawValue, .left), ("status", .left), ("", .left)])
    for line in lines(section) {
      table.add([line.form, line.isSupported ? "supported" : "refused", line.text])
    }
    return "\(section.title)\n\n\(table.text)"
  }

  private func json(_ sections: [CatalogSection]) -> String {
    var writer = JSONWriter(style: .indented)
    writer.beginObject()
    for section in sections {
      writer.key(section.rawValue)
      writer.beginArray()
      for line in lines(section) {
        writer.beginObject()
        for (key, value) in [
          ("name", line.name), ("form", line.form),
          ("status", line.isSupported ? "supported" : "refused"),
          (line.isSupported ? "summary" : "reason", line.text),
        ] {
          writer.key(key)
          writer.value(value)
        }
        writer.endObject()
      }
      writer.endArray()
    }
    writer.endObject()
    return writer.text
  }
}
