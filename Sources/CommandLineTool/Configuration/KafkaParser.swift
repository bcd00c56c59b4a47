import ArgumentParser
import EventTime
import FileIO
import KafkaIO
import Yams

/// Reads the block `source.kafka`.
enum KafkaParser {
  private static let keys = [
    "brokers", "topic", "partitions", "group", "format", "columns", "start", "until",
    "on_offset_gap", "security", "properties",
  ]

  static func kafka(
    _ node: ConfigurationNode
  ) throws(ConfigurationError) -> JobConfiguration.Kafka {
    let block = try node.mapping(keys)
    var configuration = KafkaConfiguration(
      try connection(block), topic: try block.required("topic").string())
    if let partitions = block["partitions"] {
      var numbers: [Int] = []
      for item in try partitions.list() { numbers.append(try item.integer(0...Int(Int32.max))) }
      guard !numbers.isEmpty, Set(numbers).count == numbers.count else {
        throw partitions.error("expected a list of different partitions")
      }
      configuration.partitions = numbers
    }
    if let start = block["start"] {
      configuration.start = try bound(start, [("earliest", .earliest), ("latest", .latest)])
    }
    if let until = block["until"] { configuration.until = try bound(until, [("end", .latest)]) }
    if let policy = block["on_offset_gap"] {
      configuration.gapPolicy = try policy.choice(
        KafkaConfiguration.GapPolicy.allCases.map { ($0.rawValue, $0) })
    }
    return JobConfiguration.Kafka(
      configuration: configuration, format: try format(block), group: block["group"], node: node)
  }

  /// The keys `brokers`, `security` and `properties`.
  private static func connection(
    _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> KafkaConnection {
    var connection = KafkaConnection(brokers: try brokers(try block.required("brokers")))
    if let security = block["security"] {
      connection.security = try KafkaSecurityParser.security(security)
    }
    if let properties = block["properties"] {
      for (key, value) in try properties.entries().pairs {
        connection.properties.append(
          KafkaConnection.Property(key.text, try value.string()))
      }
    }
    do throws(KafkaError) {
      try connection.validate()
    } catch {
      throw (block[error.place] ?? block.parent).error(
        error.cause + (error.remedy.map { "; \($0)" } ?? ""))
    }
    return connection
  }

  /// Reads the block `output.kafka`, or a topic of dead letters: `input` is where they go by default.
  static func output(
    _ node: ConfigurationNode, besides input: JobConfiguration.Input
  ) throws(ConfigurationError) -> JobConfiguration.OutputTopic {
    guard node.isMapping else {
      guard case .kafka(let kafka) = input else {
        throw node.error("expected a mapping with 'brokers' and 'topic'")
      }
      return JobConfiguration.OutputTopic(
        connection: kafka.configuration.connection, topic: try node.string(), node: node)
    }
    let block = try node.mapping(["brokers", "topic", "security", "properties"])
    let topic = try block.required("topic").string()
    if block["brokers"] == nil, case .kafka(let kafka) = input {
      return JobConfiguration.OutputTopic(
        connection: kafka.configuration.connection, topic: topic, node: node)
    }
    return JobConfiguration.OutputTopic(
      connection: try connection(block), topic: topic, node: node)
  }

  private static func brokers(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
    let brokers = node.isSequence ? try node.strings().joined(separator: ",") : try node.string()
    guard !brokers.isEmpty else { throw node.error("expected brokers as host:port") }
    return brokers
  }

  private static func format(
    _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> MessageFormat {
    let node = try block.required("format")
    let name: String = try node.choice(
      ["jsonl", "csv", "tf_example"].map { ($0, $0) })
    let columns = block["columns"]
    guard name == "csv" else {
      if let columns { throw columns.error("only a topic of CSV lines has 'columns'") }
      return name == "jsonl" ? .json : .tfExample
    }
    guard let columns else {
      throw node.error("CSV messages have no header: give the names of the fields in 'columns'")
    }
    let names = try columns.strings()
    guard !names.isEmpty else { throw columns.error("the list of columns is empty") }
    return .csv(columns: names)
  }

  private static func bound(
    _ node: ConfigurationNode, _ words: [(String, KafkaBound)]
  ) throws(ConfigurationError) -> KafkaBound {
    guard node.isMapping else { return try node.choice(words) }
    let block = try node.mapping(["timestamp", "offsets"])
    switch (block["timestamp"], block["offsets"]) {
    case (let time?, nil):
      guard let timestamp = Timestamp(rfc3339: try time.string()) else {
        throw time.error("expected a time such as 2026-09-01T10:00:00Z")
      }
      return .timestamp(timestamp)
    case (nil, let offsets?):
      var table: [Int: Int] = [:]
      for (key, value) in try offsets.entries().pairs {
        guard let partition = Int(key.text), partition >= 0 else {
          throw value.error("expected the number of a partition, found '\(key.text)'")
        }
        table[partition] = try value.integer(0...Int.max)
      }
      return .offsets(table)
    default: throw node.error("expected either 'timestamp' or 'offsets'")
    }
  }
}

extension KafkaParser {
  /// A bound as an option of a command says it: a word, a time, or offsets by partition.
  static func bound(
    argument: String, of option: String, _ words: [String: KafkaBound]
  ) throws(ValidationError) -> KafkaBound {
    if let known = words[argument] { return known }
    if let time = Timestamp(rfc3339: argument) { return .timestamp(time) }
    var offsets: [Int: Int] = [:]
    for pair in argument.split(separator: ",") {
      let parts = pair.split(separator: "=").map { Int($0) }
      guard parts.count == 2, let partition = parts[0], let offset = parts[1], partition >= 0,
        offset >= 0, offsets.updateValue(offset, forKey: partition) == nil
      else { break }
    }
    guard !offsets.isEmpty,
      offsets.count == argument.split(separator: ",", omittingEmptySubsequences: false).count
    else {
      throw ValidationError(
        "\(option): expected \(words.keys.sorted().joined(separator: ", ")), a time such as "
          + "2026-09-01T10:00:00Z, or offsets such as 0=150,1=200; found '\(argument)'")
    }
    return .offsets(offsets)
  }
}

/// Reads the block `security` of a Kafka connection.
enum KafkaSecurityParser {
  private static let keys = [
    "protocol", "mechanism", "username", "password", "client_id", "client_secret",
    "token_endpoint", "scope", "ca", "certificate", "key", "key_password", "verify_host",
    "allow_cleartext",
  ]

  static func security(_ node: ConfigurationNode) throws(ConfigurationError) -> KafkaSecurity {
    let block = try node.mapping(keys)
    let (transport, logsIn): (KafkaSecurity.Transport, Bool) =
      try block.required("protocol").choice([
        ("plaintext", (.plaintext, false)), ("ssl", (.tls, false)),
        ("sasl_plaintext", (.plaintext, true)), ("sasl_ssl", (.tls, true)),
      ])
    var security = KafkaSecurity(transport: transport)
    if logsIn {
      security.login = try login(block)
    } else if let mechanism = block["mechanism"] {
      throw mechanism.error("a mechanism needs protocol: sasl_ssl or sasl_plaintext")
    }
    security.authorityPath = try block["ca"]?.string()
    if let certificate = block["certificate"] {
      security.certificate = KafkaSecurity.Certificate(
        path: try certificate.string(), keyPath: try block.required("key").string(),
        keyPassword: try block["key_password"].map(secret))
    }
    security.verifiesHost = try block["verify_host"]?.boolean() ?? true
    security.allowsCleartextSecrets = try block["allow_cleartext"]?.boolean() ?? false
    return security
  }

  private static func login(
    _ block: ConfigurationMapping
  ) throws(ConfigurationError) -> KafkaSecurity.Login {
    let mechanism = try block.required("mechanism")
    let hashes = KafkaSecurity.ScramHash.allCases.map { ($0.rawValue, $0) }
    let name: String = try mechanism.choice(
      (["PLAIN", "OAUTHBEARER"] + hashes.map(\.0)).map { ($0, $0) })
    if name == "OAUTHBEARER" {
      return .oauth(
        clientID: try block.required("client_id").string(),
        clientSecret: try secret(try block.required("client_secret")),
        tokenEndpoint: try block.required("token_endpoint").string(),
        scope: try block["scope"]?.string())
    }
    let user = try block.required("username").string()
    let password = try secret(try block.required("password"))
    guard let hash = hashes.first(where: { $0.0 == name })?.1 else {
      return .plain(user: user, password: password)
    }
    return .scram(hash, user: user, password: password)
  }

  /// A secret, which a job file only refers to.
  private static func secret(_ node: ConfigurationNode) throws(ConfigurationError) -> Secret {
    guard let reference = node.node.scalar?.string else {
      throw node.error("expected ${env:NAME} or file:PATH")
    }
    if reference.hasPrefix("${"), reference.firstIndex(of: "}") == reference.indices.last {
      return Secret(try node.string())
    }
    guard reference.hasPrefix("file:") else {
      // What was found may be the secret itself.
      throw node.error(
        "a secret does not stand in a job file: refer to it as ${env:NAME} or file:PATH")
    }
    let path = String(try node.string().dropFirst("file:".count))
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.contents(of: path)
    } catch {
      throw node.error("\(error)")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return Secret(String(text.reversed().drop { $0.isNewline }.reversed()))
  }
}
