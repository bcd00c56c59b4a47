import Testing

@testable import EventTime
