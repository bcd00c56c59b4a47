import Accumulators
import ByteCoding
import Columns
import Testing

@Suite struct SampleAccumulatorTests {
  @Test func `a value of an unknown kind is an error, not a text`() throws {
    let parameters = SampleParameters(size: 2)
    var sample = SampleAccumulator(parameters)
    sample.add([
      .float64(Float64Column([0.5])),
      .string(StringColumn(["a"])),
    ])
    var writer = ByteWriter()
    sample.encode(into: &writer)
    var bytes = Array(writer.bytes)
    var whole = ByteReader(bytes)
    #expect(try SampleAccumulator.decode(parameters, from: &whole).output() == [.text("a")])
    // After the version, the count and the order of eight bytes.
    #expect(bytes[10] == 2)
    bytes[10] = 3
    var damaged = ByteReader(bytes)
    #expect(throws: ByteCodingError.self) {
      try SampleAccumulator.decode(parameters, from: &damaged)
    }
  }
}
