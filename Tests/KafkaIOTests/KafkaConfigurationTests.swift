import Testing

@testable import KafkaIO

@Suite struct KafkaConfigurationTests {
  private struct NotRefused: Error {}

  private static let canary = "canary-7f3a"

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var security: KafkaSecurity
    var isRefused: Bool
  }

  private static let cases: [Case] = {
    let plain = KafkaSecurity.Login.plain(user: "u", password: Secret(canary))
    let scram = KafkaSecurity.Login.scram(.sha512, user: "u", password: Secret(canary))
    let token = KafkaSecurity.Login.oauth(
      clientID: "c", clientSecret: Secret(canary), tokenEndpoint: "https://t", scope: nil)
    var forced = KafkaSecurity(login: plain)
    forced.allowsCleartextSecrets = true
    var pointless = KafkaSecurity()
    pointless.authorityPath = "/ca.pem"
    return [
      Case(testDescription: "nothing", security: KafkaSecurity(), isRefused: false),
      Case(
        testDescription: "PLAIN in the clear", security: KafkaSecurity(login: plain),
        isRefused: true),
      Case(testDescription: "PLAIN in the clear, forced", security: forced, isRefused: false),
      Case(
        testDescription: "PLAIN over TLS", security: KafkaSecurity(transport: .tls, login: plain),
        isRefused: false),
      Case(
        testDescription: "SCRAM in the clear", security: KafkaSecurity(login: scram),
        isRefused: false),
      Case(
        testDescription: "a token in the clear", security: KafkaSecurity(login: token),
        isRefused: true),
      Case(
        testDescription: "a token over TLS", security: KafkaSecurity(transport: .tls, login: token),
        isRefused: false),
      Case(testDescription: "certificates in the clear", security: pointless, isRefused: true),
    ]
  }()

  @Test(arguments: cases)
  func `secrets in the clear are refused unless forced`(_ example: Case) {
    var configuration = KafkaConfiguration(KafkaConnection(brokers: "127.0.0.1:1"), topic: "t")
    configuration.connection.security = example.security
    let refusal = #expect(throws: (any Error).self) {
      try configuration.connection.validate()
      throw NotRefused()
    }
    #expect(refusal is KafkaError == example.isRefused)
  }

  @Test(arguments: ["9999": true, "10000": false, "900000": false, "900001": true, "soon": true])
  func `a transaction may not last too short or too long`(_ value: String, isRefused: Bool) {
    var connection = KafkaConnection(brokers: "127.0.0.1:1")
    connection.properties = [.init("transaction.timeout.ms", value)]
    let refusal = #expect(throws: (any Error).self) {
      try connection.validate()
      throw NotRefused()
    }
    #expect(refusal is KafkaError == isRefused)
  }

  @Test(arguments: cases.filter { !$0.isRefused })
  func `librdkafka takes every setting`(_ example: Case) throws {
    var configuration = KafkaConfiguration(KafkaConnection(brokers: "127.0.0.1:1"), topic: "t")
    configuration.connection.security = example.security
    do {
      _ = try KafkaTopic(configuration) { _ in }
    } catch {
      // Debian builds librdkafka without what fetches tokens, and the error says so.
      guard case .oauth = example.security.login else { throw error }
      #expect(error.cause.contains("not supported in this build"))
    }
  }

  @Test func `hosts are verified unless the job says otherwise`() {
    let properties = Dictionary(
      uniqueKeysWithValues: KafkaSecurity(transport: .tls).properties)
    #expect(properties["ssl.endpoint.identification.algorithm"] == "https")
    #expect(properties["enable.ssl.certificate.verification"] == "true")
  }

  @Test func `a secret shows in no description, dump or log`() {
    var configuration = KafkaConfiguration(KafkaConnection(brokers: "b"), topic: "t")
    configuration.connection.security = KafkaSecurity(
      transport: .tls, login: .plain(user: "u", password: Secret(Self.canary)))
    var dumped = ""
    dump(configuration, to: &dumped)
    let log = ClientLog(secrets: configuration.connection.security.secrets)
    log.add("login with \(Self.canary) failed")
    let shown = [
      "\(configuration)", String(reflecting: configuration), dumped, log.last ?? "",
      "\(Secret(Self.canary))", String(reflecting: Secret(Self.canary)),
    ]
    #expect(!shown.joined().contains(Self.canary))
    #expect(log.last == "login with (secret) failed")
  }

  @Test(arguments: [
    "bootstrap.servers", "group.id", "auto.offset.reset", "enable.auto.commit", "sasl.password",
    "ssl.ca.location", "no.such.setting",
  ])
  func `settings that the engine needs, or that do not exist, are refused`(name: String) {
    var configuration = KafkaConfiguration(KafkaConnection(brokers: "127.0.0.1:1"), topic: "t")
    configuration.connection.properties = [KafkaConnection.Property(name, "1")]
    let error = #expect(throws: KafkaError.self) { _ = try KafkaTopic(configuration) { _ in } }
    #expect(error?.description.contains(name) == true)
  }
}
