/// Watches paths, directories and patterns for files that appear.
///
/// A file counts as soon as its name is there: writers should rename finished files into place, or
/// the reader should follow the file too.
public struct DirectoryFollower: Sendable {
  public let patterns: [String]
  /// Every path returned or declared known so far.
  public private(set) var known: Set<String>

  /// Starts with the files of `known` as already seen.
  public init(patterns: [String], known: some Sequence<String> = []) {
    self.patterns = patterns
    self.known = Set(known)
  }

  /// The files that were not there before, in order of their bytes; none is no error.
  public mutating func poll() throws(FileIOError) -> [String] {
    var found: Set<String> = []
    for pattern in patterns { found.formUnion(try PathExpansion.files(matching: pattern)) }
    let new = found.subtracting(known)
    known.formUnion(new)
    return new.sorted(by: FileSystem.isOrdered)
  }
}
