import Testing

@testable import Dataflow
