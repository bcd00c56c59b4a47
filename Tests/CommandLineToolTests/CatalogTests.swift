import Testing

@testable import CommandLineTool

@Suite struct CatalogTests {
  @Test(arguments: CatalogSection.allCases)
  func `every line has a name, a form that holds it, and says something`(
    section: CatalogSection
  ) {
    let lines = section.lines
    #expect(!lines.isEmpty)
    #expect(Set(lines.map(\.name)).count == lines.count)
    for line in lines {
      #expect(line.form.contains(line.name), "\(line)")
      #expect(!line.text.isEmpty, "\(line)")
    }
  }

  @Test func `every supported window and trigger of the catalogue is read by the job parser`()
    throws
  {
    let windows = CatalogSection.windows.lines.filter(\.isSupported).map(\.name)
    #expect(Set(windows) == ["fixed", "sliding", "sessions", "global", "calendar"])
    let values = [
      "after_watermark": "{}", "after_count": "1", "after_processing_time": "1s", "every": "1s",
      "after_all": "[never]", "after_any": "[never]", "after_each": "[never]",
      "repeatedly": "never", "or_finally": "{ trigger: always, until: never }",
    ]
    for line in CatalogSection.triggers.lines {
      let trigger = values[line.name].map { "{ \(line.name): \($0) }" } ?? line.name
      let node = try ConfigurationFile.parse(
        Array("fixed: 1m\ntrigger: \(trigger)\n".utf8), path: "job.yaml", environment: [:])
      #expect(throws: Never.self, "\(trigger)") { try WindowingParser.strategy(node) }
    }
  }
}
