import ArgumentParser
import Dataflow
import FileIO
import Transform

/// `limno transform --graph DIR FILE…`: applies a published version to rows.
struct TransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Apply a published transform version to the rows of files.",
    discussion: """
      Reads the columns that the version's graph.json names, with their types, and writes one \
      output row for each row, in order, with the same function that the engine applies. Records \
      that cannot be read are told on the standard error, counted and left out; the exit code is 1 \
      only if a file, the graph or the output cannot be used.

        limno transform --graph out/transform/1 rides.jsonl > features.jsonl
        limno transform --graph out/transform/1 --to tfrecord --out train.tfrecord day-*.csv.gz
      """)

  @OptionGroup var input: VersionInput

  @Option(help: "What to write: jsonl, csv or tfrecord (of tf.Example).")
  var to = RowFormat.jsonl

  @Option(help: "The file to write; it appears when it is complete (default: standard output).")
  var out: String?

  @Option(help: "How many bad records to tell one by one.")
  var maxErrors = 10

  @Flag(help: "Do not print the totals.")
  var quiet = false

  func validate() throws {
    if maxErrors < 0 { throw ValidationError("--max-errors must not be negative") }
  }

  func run() throws {
    try reportingErrors {
      let version = try input.version()
      let paths = try input.paths()
      let writer = RowWriter(to, schema: version.outputSchema)
      let output = try RowOutput(path: out)
      try output.append(writer.header)
      var transformer = RowTransformer(version)
      var told = 0
      for (path, format) in paths {
        try transformer.transform(path, format: format) { _, batch in
          try output.append(writer.bytes(batch))
        } refuse: { refusal in
          if told < maxErrors {
            printError("\(refusal.file), byte \(refusal.offset): \(refusal.reason)")
          }
          told += 1
        }
      }
      try output.finish()
      tell(transformer.totals)
    }
  }

  private func tell(_ totals: RowTransformer.Totals) {
    if totals.failed > 0 {
      printError(
        "a model failed on \(totals.failed.grouped) rows, whose outputs lack what it gives: "
          + totals.firstFailure)
    }
    if totals.bad > 0 {
      printError(
        "\(totals.bad.grouped) of \(totals.read.grouped) records could not be read"
          + (totals.bad > maxErrors ? "; the first \(maxErrors) are above (--max-errors)" : ""))
    } else if !quiet && out != nil {
      printToError("\(totals.read.grouped) rows written to \(out ?? "")")
    }
  }
}

extension RowFormat: ExpressibleByArgument {}
