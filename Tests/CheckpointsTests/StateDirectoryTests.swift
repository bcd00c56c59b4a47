import ByteCoding
import Dataflow
import FileIO
import FileIOTesting
import Foundation
import Testing

@testable import Checkpoints

@Suite struct StateDirectoryTests {
  private static let identity = JobIdentity(
    job: "rides", sections: [.init("source", text: "a"), .init("windows", text: "b")])

  private static func open(
    _ directory: TemporaryDirectory, _ identity: JobIdentity = identity, attempt: String = "1"
  ) throws -> StateDirectory {
    try StateDirectory(
      path: directory.path + "/state", identity: identity, keep: 3, attempt: attempt)
  }

  /// A checkpoint whose parts are the given ids, each with a content of its own.
  private static func checkpoint(_ name: String, parts: [Int]) -> Checkpoint {
    var checkpoint = Checkpoint(
      state: Array("state \(name)".utf8),
      parts: parts.map { id in Checkpoint.Part(id: id) { $0.append(contentsOf: content(id)) } },
      journal: Array("journal \(name)".utf8))
    checkpoint.sink = Array("sink \(name)".utf8)
    return checkpoint
  }

  private static func content(_ id: Int) -> [UInt8] {
    (0..<5000).map { UInt8(truncatingIfNeeded: ($0 / 7) &* (id + 3)) }
  }

  /// Checkpoints 0 to 4; part 1 is in all, part 10 + n only in number n.
  private static func filled(_ directory: TemporaryDirectory) throws -> StateDirectory {
    let state = try open(directory)
    for number in 0..<5 { try state.write(checkpoint("\(number)", parts: [1, 10 + number])) }
    return state
  }

  @Test func `what was written is read, and the newest three are kept`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.filled(directory)
    let saved = try #require(try state.newest { Issue.record("\($0)") })
    #expect(saved.number == 4)
    #expect(saved.state == Array("state 4".utf8) && saved.sink == Array("sink 4".utf8))
    #expect(saved.parts == [1: Self.content(1), 14: Self.content(14)])
    let catalog = CheckpointCatalog(path: state.path)
    #expect(try catalog.numbers() == [2, 3, 4])
    #expect(try catalog.read(2).checkpoint.parts == [1: Self.content(1), 12: Self.content(12)])
    let journal = try catalog.journal()
    #expect(journal.frames == (0..<5).map { Array("journal \($0)".utf8) })
    #expect(journal.faults == [])
  }

  @Test func `a part that stays is linked from the second last checkpoint`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.open(directory)
    for number in 0..<5 { try state.write(Self.checkpoint("\(number)", parts: [1])) }
    func inode(_ number: Int) throws -> Int? {
      let path = "\(state.path)/\(CheckpointCatalog.name(of: number))"
      let name = try #require(
        try FileSystem.names(in: path).first { $0.hasPrefix("parts-") })
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      return attributes[.systemFileNumber] as? Int
    }
    #expect(try inode(2) == inode(4))
    #expect(try inode(3) != inode(4), "neighbours share nothing")
  }

  @Test func `a file of which little is used is written anew`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.open(directory)
    try state.write(Self.checkpoint("0", parts: Array(0..<10)))
    try state.write(Self.checkpoint("1", parts: Array(0..<10)))
    try state.write(Self.checkpoint("2", parts: [3, 4]))
    let names = directory.allFiles().filter { $0.contains("checkpoint-00000002/parts") }
    #expect(names.map { $0.hasSuffix("parts-2.lz4") } == [true])
    let saved = try #require(try state.newest { Issue.record("\($0)") })
    #expect(saved.parts == [3: Self.content(3), 4: Self.content(4)])
  }

  /// Every file of the newest checkpoint, every bit of the small ones and many of the large.
  @Test func `any damage is detected, and the checkpoint before is used`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.filled(directory)
    let catalog = CheckpointCatalog(path: state.path)
    let folder = "\(state.path)/\(CheckpointCatalog.name(of: 4))"
    for name in try FileSystem.names(in: folder) {
      let path = "\(folder)/\(name)"
      let sound = try FileSystem.contents(of: path)
      var variants: [(String, [UInt8]?)] = [("missing", nil), ("empty", [])]
      variants += [("longer", sound + [0]), ("halved", Array(sound[..<(sound.count / 2)]))]
      for position in sound.indices where sound.count < 2000 || position % 37 == 0 {
        var damaged = sound
        damaged[position] ^= UInt8(1 << (position % 8))
        variants.append(("bit \(8 * position + position % 8)", damaged))
      }
      for (what, bytes) in variants {
        try FileManager.default.removeItem(atPath: path)
        if let bytes { try Data(bytes).write(to: URL(filePath: path)) }
        #expect("\(name), \(what)") { try catalog.read(4) } throws: {
          ($0 as? CheckpointError)?.code == .damaged
        }
        if bytes == nil { try Data().write(to: URL(filePath: path)) }
      }
      try Data(sound).write(to: URL(filePath: path))
      #expect(try catalog.read(4).checkpoint.number == 4)
    }
    try FileManager.default.removeItem(atPath: "\(folder)/state.lz4")
    var reports: [CheckpointError] = []
    let saved = try #require(try state.newest { reports.append($0) })
    #expect(saved.number == 3 && saved.state == Array("state 3".utf8))
    #expect(saved.parts == [1: Self.content(1), 13: Self.content(13)])
    #expect(reports.count == 1 && reports[0].path.hasSuffix("00000004/state.lz4"))
    try state.write(Self.checkpoint("5", parts: [1]))
    #expect(try catalog.numbers().last == 5, "a number is never given twice")
  }

  @Test func `if all are damaged the run does not start over in silence`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.filled(directory)
    for number in 2...4 {
      let name = CheckpointCatalog.name(of: number)
      try directory.write("state/\(name)/manifest.json", "{}")
    }
    #expect { try state.newest { _ in } } throws: {
      "\($0)".contains("every checkpoint is damaged")
    }
  }

  @Test func `another job is refused, and what changed is named`() throws {
    let directory = try TemporaryDirectory()
    do { _ = try Self.filled(directory) }
    let changed = JobIdentity(
      job: "rides", sections: [.init("source", text: "a"), .init("windows", text: "c")])
    let state = try Self.open(directory, changed)
    #expect { try state.newest { Issue.record("\($0)") } } throws: {
      "\($0)".contains("'windows' has changed;")
    }
    #expect(
      JobIdentity(job: "rides", sections: [.init("source", text: "a"), .init("filter", text: "")])
        .difference(from: Self.identity) == "'filter' is new, 'windows' is gone")
  }

  @Test func `one owner at a time`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.open(directory)
    #expect { try Self.open(directory, attempt: "2") } throws: {
      ($0 as? FileIOError)?.code == .alreadyExists
    }
    withExtendedLifetime(state) {}
  }

  @Test func `going back to an earlier checkpoint puts the later ones aside`() throws {
    let directory = try TemporaryDirectory()
    let state = try Self.filled(directory)
    let saved = try state.checkpoint(3)
    #expect(saved.number == 3 && saved.journal == [Array("journal 4".utf8)])
    let catalog = CheckpointCatalog(path: state.path)
    #expect(try catalog.numbers() == [2, 3])
    try state.write(Self.checkpoint("new", parts: [2]))
    let names = (0..<5).map { "journal \($0)" } + ["journal new"]
    #expect(try catalog.journal().frames == names.map { Array($0.utf8) })
    #expect(try catalog.numbers() == [2, 3, 5])
    #expect { try state.checkpoint(4) } throws: { "\($0)".contains("holds no checkpoint 4") }
  }

  @Test func `what a killed attempt left is removed`() throws {
    let directory = try TemporaryDirectory()
    try directory.write("state/.limno-staged-77-checkpoint-00000009/state.lz4", "half")
    let state = try Self.open(directory)
    #expect(try state.newest { Issue.record("\($0)") } == nil)
    #expect(directory.allFiles().filter { !$0.hasSuffix("/lock") } == [])
  }
}
