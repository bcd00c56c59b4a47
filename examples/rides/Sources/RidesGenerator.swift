#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Writes a deterministic stream of ride events as JSON lines; `examples/rides/README.md` says
/// what is in them.
@main
struct RidesGenerator {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.contains("--help") || arguments.contains("-h") { return print(Options.usage) }
    do throws(Options.UsageError) {
      try generate(Options(arguments))
    } catch {
      print("rides-generator: \(error.message)\n\n\(Options.usage)")
      exit(2)
    }
  }

  private static func generate(_ options: Options) {
    let rows = RideRows(options)
    let order = options.isShuffled ? shuffled(rows, options) : nil
    do throws(OutputFile.Failure) {
      for file in 0..<options.files {
        let range = file * options.rows / options.files..<(file + 1) * options.rows / options.files
        let path = "\(options.directory)/rides-\(file + 1).jsonl"
        try write(rows, range, order, to: OutputFile(path))
      }
    } catch {
      print("rides-generator: \(error.message)")
      exit(1)
    }
  }

  private static func write(
    _ rows: RideRows, _ range: Range<Int>, _ order: [Int]?, to file: borrowing OutputFile
  ) throws(OutputFile.Failure) {
    var buffer = LineBuffer()
    for position in range {
      rows.append(order.map { $0[position] } ?? position, to: &buffer)
      if buffer.bytes.count >= 1 << 20 {
        try file.write(buffer.bytes)
        buffer.bytes.removeAll(keepingCapacity: true)
      }
    }
    try file.write(buffer.bytes)
  }

  /// An order in which no row comes after one whose event time is 10 s ahead of its own.
  ///
  /// Row `i` is placed at its event time plus less than 9.9 s, so any row before it has an event
  /// time less than 9.9 s after its own.
  private static func shuffled(_ rows: RideRows, _ options: Options) -> [Int] {
    let places = (0..<options.rows).map { index in
      var random = SplitMix64(seed: ~options.seed, index: index)
      return (place: rows.eventTime(index) + random.below(9_900), index: index)
    }
    return places.sorted { ($0.place, $0.index) < ($1.place, $1.index) }.map(\.index)
  }
}
