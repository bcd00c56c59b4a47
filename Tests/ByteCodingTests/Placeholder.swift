import Testing

@testable import ByteCoding
