import Dataflow
import EventTime
import FileIO
import FileIOTesting
import Testing

@testable import CommandLineTool

@Suite struct LetterOutboxTests {
  private func letter(_ number: Int) -> DeadLetter {
    DeadLetter(
      split: "rides/\(number % 2)", offset: number, reason: "reason \(number)",
      eventTime: number % 3 == 0 ? Timestamp(microseconds: -5) : nil,
      bytes: [0, 10, 255, UInt8(truncatingIfNeeded: number)])
  }

  @Test func `letters come back by epoch, after a restart too`() throws {
    let folder = try TemporaryDirectory()
    var outbox = try LetterOutbox(in: folder.path, sealed: [:])
    try outbox.append((0..<3).map(letter))
    try outbox.seal(4)
    try outbox.seal(5)
    try outbox.append([letter(3)])
    try outbox.seal(6)
    let sealed = outbox.sealed
    #expect(Set(sealed.keys) == [4, 6])
    try outbox.append([letter(4)])
    let resumed = try LetterOutbox(in: folder.path, sealed: sealed)
    #expect(try resumed.letters(of: 4) == (0..<3).map(letter))
    #expect(try resumed.letters(of: 5).isEmpty)
    #expect(try resumed.letters(of: 6) == [letter(3)])
  }

  @Test func `what is published is removed, and what no checkpoint knows`() throws {
    let folder = try TemporaryDirectory()
    var outbox = try LetterOutbox(in: folder.path, sealed: [:])
    for epoch in 0..<3 {
      try outbox.append([letter(epoch)])
      try outbox.seal(epoch)
    }
    try outbox.remove(upTo: 0)
    #expect(try outbox.letters(of: 0).isEmpty && outbox.letters(of: 1) == [letter(1)])
    let earlier = outbox.sealed.filter { $0.key == 1 }
    _ = try LetterOutbox(in: folder.path, sealed: earlier)
    #expect(try FileSystem.names(in: folder.path + "/.limno-outbox") == ["letters-1"])
  }

  @Test func `a file that was cut is noticed`() throws {
    let folder = try TemporaryDirectory()
    var outbox = try LetterOutbox(in: folder.path, sealed: [:])
    try outbox.append([letter(1)])
    try outbox.seal(0)
    let path = folder.path + "/.limno-outbox/letters-0"
    let bytes = try FileSystem.contents(of: path)
    try FileSystem.removeTree(path)
    try FileSystem.write(Array(bytes.dropLast()), toNew: path)
    #expect(throws: FileIOError.self) { try outbox.letters(of: 0) }
  }
}
