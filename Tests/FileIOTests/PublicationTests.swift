import FileIO
import FileIOTesting
import Foundation
import Testing

@Suite struct AtomicDirectoryTests {
  private let content: [String: [UInt8]] = [
    "manifest.json": Array("{}".utf8), "variables/a/b": [1, 2], "assets/": [],
  ]

  @Test func `a published directory holds its files and nothing else is left`() throws {
    let root = try TemporaryDirectory()
    let path = root.path + "/out/transform/7"
    try AtomicDirectory(attempt: "one").publish(DirectoryContent(path: path, files: content))
    #expect(root.allFiles() == ["manifest.json", "variables/a/b"].map { "out/transform/7/" + $0 })
    #expect(try FileSystem.contents(of: path + "/variables/a/b") == [1, 2])
    #expect(try FileSystem.kind(of: path + "/assets") == .directory)
    #expect(try FileSystem.names(in: root.path + "/out/transform") == ["7"])
  }

  @Test func `publishing the same again succeeds, something else fails and changes nothing`()
    throws
  {
    let root = try TemporaryDirectory()
    let path = root.path + "/7"
    let publisher = AtomicDirectory(attempt: "one")
    try publisher.publish(DirectoryContent(path: path, files: content))
    try AtomicDirectory(attempt: "two").publish(DirectoryContent(path: path, files: content))
    for (other, difference) in [
      (content.merging(["more": []]) { $1 }, "more is not in it"),
      (content.merging(["manifest.json": [7]]) { $1 }, "manifest.json has other content"),
      (content.filter { $0.key != "assets/" }, "it also holds assets/"),
    ] {
      #expect {
        try publisher.publish(DirectoryContent(path: path, files: other))
      } throws: { error in
        (error as? FileIOError)?.code == .alreadyExists && "\(error)".contains(difference)
      }
    }
    #expect(try FileSystem.names(in: root.path) == ["7"])
    #expect(try FileSystem.contents(of: path + "/manifest.json") == Array("{}".utf8))
  }

  @Test(arguments: [1, 3, 100])
  func `a group appears when it is committed`(count: Int) throws {
    let root = try TemporaryDirectory()
    let publisher = AtomicDirectory(attempt: "one")
    let contents = (0..<count).map {
      DirectoryContent(path: root.path + "/windows/\($0)/0000", files: content)
    }
    try publisher.publish(contents[0])
    try publisher.stage(contents)
    #expect(publisher.stagedCount == count)
    for content in contents.dropFirst() { #expect(try FileSystem.kind(of: content.path) == nil) }
    #expect(try publisher.commitGroup() == count - 1)
    #expect(publisher.stagedCount == 0)
    #expect(root.allFiles().count == 2 * count)
    for content in contents {
      #expect(try FileSystem.names(in: content.path) == ["assets", "manifest.json", "variables"])
    }
  }

  @Test func `what a dead attempt staged is removed, what this one staged is kept`() throws {
    let root = try TemporaryDirectory()
    let dead = AtomicDirectory(attempt: "dead")
    let alive = AtomicDirectory(attempt: "alive")
    try dead.stage([DirectoryContent(path: root.path + "/a/1", files: content)])
    try alive.publish(DirectoryContent(path: root.path + "/a/2", files: content))
    try alive.stage([DirectoryContent(path: root.path + "/a/3", files: content)])
    #expect(try alive.removeLeftovers(below: root.path) == [root.path + "/a/.limno-staged-dead-1"])
    #expect(try alive.removeLeftovers(below: root.path) == [])
    try alive.commitGroup()
    #expect(try FileSystem.names(in: root.path + "/a") == ["2", "3"])
  }

  @Test func `a discarded group and a failed stage leave nothing`() throws {
    let root = try TemporaryDirectory()
    let publisher = AtomicDirectory(attempt: "one")
    try publisher.stage([DirectoryContent(path: root.path + "/1", files: content)])
    publisher.discardGroup()
    #expect(try FileSystem.names(in: root.path) == [])
    for name in ["../outside", "/absolute", "a//b", "", ".", "a/", "/"] {
      let bad = DirectoryContent(path: root.path + "/1", files: ["ok": [1], name: [1]])
      #expect(throws: FileIOError.self, "\(name)") { try publisher.publish(bad) }
    }
    // A name that is both a file and a directory fails half-way.
    let clash = DirectoryContent(path: root.path + "/1", files: ["a": [1], "a/b": [2]])
    #expect(throws: FileIOError.self) { try publisher.publish(clash) }
    #expect(try FileSystem.names(in: root.path) == [])
  }

  @Test func `a parent that is a file is an error with its path`() throws {
    let root = try TemporaryDirectory()
    try root.write("file", "x")
    let path = root.path + "/file/1"
    #expect {
      try AtomicDirectory(attempt: "one").publish(DirectoryContent(path: path, files: content))
    } throws: { ($0 as? FileIOError)?.path == root.path + "/file" }
  }
}

@Suite struct AtomicFileTests {
  @Test func `the file holds the old content or the new`() throws {
    let root = try TemporaryDirectory()
    let path = root.path + "/positions"
    try AtomicFile.write([1], to: path, attempt: "one")
    try AtomicFile.write([2, 3], to: path, attempt: "one")
    #expect(try FileSystem.contents(of: path) == [2, 3])
    #expect(try FileSystem.names(in: root.path) == ["positions"])
    try FileSystem.makeDirectories(root.path + "/directory")
    #expect(throws: FileIOError.self) {
      try AtomicFile.write([1], to: root.path + "/directory", attempt: "one")
    }
    #expect(try FileSystem.names(in: root.path) == ["directory", "positions"])
  }
}

@Suite struct AppendLogTests {
  @Test func `lines are added, and a torn last one is cut off on opening`() throws {
    let root = try TemporaryDirectory()
    let path = root.path + "/log.jsonl"
    do {
      var log = try AppendLog(path: path)
      #expect(log.byteCount == 0 && log.cutByteCount == 0)
      try log.append([Array("one".utf8), Array("two".utf8)])
      #expect(log.byteCount == 8)
    }
    #expect(try FileSystem.contents(of: path) == Array("one\ntwo\n".utf8))
    try root.write("log.jsonl", "one\ntwo\n" + String(repeating: "x", count: 10_000))
    var log = try AppendLog(path: path)
    #expect(log.byteCount == 8 && log.cutByteCount == 10_000)
    try log.append([Array("three".utf8)])
    #expect(try FileSystem.contents(of: path) == Array("one\ntwo\nthree\n".utf8))
    try root.write("torn", "no line end")
    #expect(try AppendLog(path: root.path + "/torn").cutByteCount == 11)
  }

  @Test func `a full disk is an error with path, cause and remedy`() throws {
    var log = try AppendLog(path: "/dev/full")
    do throws(FileIOError) {
      try log.append([[0x61]])
      Issue.record("a full device took a line")
    } catch {
      #expect(error.code == .noSpace)
      let text = "/dev/full, byte 0: cannot write: No space left on device; free space"
      #expect("\(error)".hasPrefix(text))
    }
    #expect(log.byteCount == 0)
  }
}
