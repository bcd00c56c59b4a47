public import Formats

/// The two inputs of a label join as one source; splits are named `predictions:…` and `labels:…`.
public struct JoinedSource: Source {
  /// By side.
  private let sources: [any Source]

  public init(predictions: any Source, labels: any Source) { sources = [predictions, labels] }

  public var isUnbounded: Bool { sources.contains { $0.isUnbounded } }

  public var decodersNeedHead: Bool { sources.contains { $0.decodersNeedHead } }

  public func splits() throws -> [String] {
    try JoinSide.allCases.flatMap { side in
      try sources[side.rawValue].splits().map { Self.name($0, side) }
    }
  }

  public func makeReader(of split: String, from offset: Int) throws -> any SplitReader {
    let side = side(of: split)
    let name = String(split.dropFirst(Self.name("", side).count))
    return try sources[side.rawValue].makeReader(of: name, from: offset)
  }

  /// Of predictions.
  public func makeDecoder() throws -> any RecordDecoder { try sources[0].makeDecoder() }

  public func makeDecoders() throws -> [any RecordDecoder] {
    try sources.map { try $0.makeDecoder() }
  }

  public func side(of split: String) -> JoinSide {
    split.hasPrefix(Self.name("", .labels)) ? .labels : .predictions
  }

  /// What a split of one side is called beside those of the other.
  public static func name(_ split: String, _ side: JoinSide) -> String { "\(side.name):\(split)" }
}
