import ByteCoding
import TensorPrograms

/// A vocabulary as a hash table of TensorFlow: from a text file, or from constants.
struct VocabularyTable: Sendable {
  let vocabulary: TensorProgram.Vocabulary
  /// Its position in the program.
  let index: Int
  /// Its position among the asset files; `nil` if the tokens stand in the graph.
  let asset: Int?

  /// A text file must not be empty: TFT's stand-in for no tokens at all.
  static let emptyMark = Array("49d0cd50-04bb-48c0-bc6f-5b575dce351a".utf8)

  /// Tables of one process that share a name share their content, so the name says it.
  private var sharedName: TFAttribute {
    var writer = ByteWriter()
    for token in vocabulary.tokens { writer.append(lengthPrefixed: token) }
    let digits = String(fingerprint64(writer.bytes), radix: 16)
    return .text(
      "limnograph_\(digits)_\(vocabulary.tokens.count)_\(asset == nil ? "graph" : "file")")
  }

  func addHandle(to body: inout GraphBody, name: String? = nil) -> TensorReference {
    let node = body.add(
      "HashTableV2", [],
      [
        "key_dtype": .type(.string), "value_dtype": .type(.int64), "container": .text(""),
        "shared_name": sharedName, "use_node_name_sharing": .bool(false),
      ], name: name)
    return TensorReference(node: node, output: "table_handle", type: .resource)
  }

  /// Adds the node that fills the table; of equal tokens the first counts.
  ///
  /// - Returns: Its name.
  func addInitializer(
    to body: inout GraphBody, _ table: TensorReference, file: TensorReference?
  ) -> String {
    if let file {
      return body.add(
        "InitializeTableFromTextFileV2", [table, file],
        [
          "key_index": .int(-2), "value_index": .int(-1), "vocab_size": .int(-1),
          "delimiter": .text("\t"), "offset": .int(0),
        ])
    }
    var (keys, positions) = vocabulary.entries
    if keys.isEmpty { (keys, positions) = ([Self.emptyMark], [0]) }
    let inputs = [table, body.constant(.strings(keys)), body.constant(.int64s(positions))]
    return body.add(
      "InitializeTableV2", inputs, ["Tkey": .type(.string), "Tval": .type(.int64)])
  }
}
