import ByteCoding

/// `tensorflow.SavedObjectGraph`: what `tf.saved_model.load` builds its object from.
struct ObjectGraph: Sendable {
  enum Kind: Sendable {
    case userObject(String)
    /// The traces of a `tf.function` with one parameter.
    case function([String], parameters: [String])
    /// A concrete function and its keywords.
    case concrete(String, keywords: [String], spec: StructuredValue)
    case resource
    case asset(Int)
  }

  struct Node: Sendable {
    var kind: Kind
    var children: [(name: String, node: Int)] = []
  }

  /// A function that can be called, with what it captures and how its arguments nest.
  struct ConcreteFunction: Sendable {
    var captures: [Int]
    var input: StructuredValue
    var output: StructuredValue
  }

  private(set) var nodes: [Node] = [Node(kind: .userObject("_generic_user_object"))]
  var functions: [String: ConcreteFunction] = [:]

  /// Adds a child of node `parent`, by default the root.
  mutating func add(_ kind: Kind, named name: String, below parent: Int = 0) -> Int {
    nodes.append(Node(kind: kind))
    nodes[parent].children.append((name, nodes.count - 1))
    return nodes.count - 1
  }

  func write(to writer: inout ByteWriter) {
    for node in nodes { writer.append(field: 1) { Self.write(node, to: &$0) } }
    writer.append(map: 2, functions) { writer, function in
      var captures = ByteWriter()
      for capture in function.captures { captures.append(varint: UInt64(capture)) }
      writer.append(field: 2, bytes: captures.bytes)
      writer.append(field: 3) { function.input.write(to: &$0) }
      writer.append(field: 4) { function.output.write(to: &$0) }
    }
  }

  private static func write(_ node: Node, to writer: inout ByteWriter) {
    for child in node.children {
      writer.append(field: 1) { reference in
        reference.append(field: 1, varint: UInt64(child.node))
        reference.append(field: 2, string: child.name)
      }
    }
    switch node.kind {
    case .userObject(let identifier):
      writer.append(field: 4) { object in
        object.append(field: 1, string: identifier)
        object.append(field: 2) { version in
          version.append(field: 1, varint: UInt64(1))
          version.append(field: 2, varint: UInt64(1))
        }
      }
    case .asset(let index):
      writer.append(field: 5) { $0.append(field: 1, varint: UInt64(index)) }
    case .function(let names, let parameters):
      writer.append(field: 6) { function in
        for name in names { function.append(field: 1, string: name) }
        function.append(field: 2) {
          Self.write(spec: .fullArgSpec(positional: parameters), to: &$0)
        }
      }
    case .concrete(let name, let keywords, let spec):
      writer.append(field: 8) { function in
        function.append(field: 1, string: name)
        for keyword in keywords { function.append(field: 2, string: keyword) }
        function.append(field: 3, varint: UInt64(keywords.count))
        function.append(field: 4) { Self.write(spec: spec, to: &$0) }
      }
    case .resource: writer.append(field: 10, bytes: [])
    }
  }

  private static func write(spec: StructuredValue, to writer: inout ByteWriter) {
    writer.append(field: 1) { spec.write(to: &$0) }
    writer.append(field: 5) { StructuredValue.none.write(to: &$0) }
  }
}
