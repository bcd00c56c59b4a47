import FileIO
import Formats
import KafkaIO

/// What a topic says of a publication: its manifest and, of an evaluation, its metrics.
struct SnapshotRecord {
  let record: KafkaRecord

  /// The record of a line of the log; `nil` for one that is no publication.
  init?(_ publication: JSONValue, in directory: String) throws {
    guard let kind = publication["kind"]?.string, let path = publication["path"]?.string,
      let window = publication["window"]?.string
    else { return nil }
    let place = directory + "/" + path
    let manifestBytes = try FileSystem.contents(of: place + "/manifest.json")
    let manifest = try JSONValue(parsing: manifestBytes)
    let stage = publication["stage"]?.string ?? ""
    let pane = path.split(separator: "/").last ?? ""
    let key = [
      manifest["job"]?.string ?? "", stage.isEmpty ? kind : "\(kind)/\(stage)", window,
      String(pane),
    ].joined(separator: "|")
    var value = Array(#"{"manifest":"#.utf8) + manifestBytes
    if kind == "evaluation" {
      let lines = try FileSystem.contents(of: place + "/metrics.jsonl").split(separator: 0x0A)
      value += Array(#","metrics":["#.utf8) + lines.joined(separator: [0x2C]) + [0x5D]
    }
    record = KafkaRecord(key: Array(key.utf8), value: value + [0x7D])
  }
}
