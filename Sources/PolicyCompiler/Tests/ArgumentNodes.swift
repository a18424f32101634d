import Policy

extension ArgumentValue {
    /// What YAML means as JSON (YAML 1.2.2 §10.3).
    init(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let items): self = .array(items.map(ArgumentValue.init))
        case .mapping(let entries):
            self = .object(entries.map { Member(name: $0.key.value, value: ArgumentValue($0.value)) })
        case .scalar(let scalar):
            if scalar.isNull {
                self = .null
            } else if let flag = scalar.boolean {
                self = .boolean(flag)
            } else {
                self = scalar.isNumber ? .number(scalar.text) : .string(scalar.text)
            }
        }
    }
}
