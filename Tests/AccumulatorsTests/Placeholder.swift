import Testing

@testable import Accumulators
