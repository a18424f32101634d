/// Holds a node against a shape, says everything that is wrong, and keeps what is right.
struct ShapeChecker {
    var sink = DiagnosticSink()
    /// The key whose value is being checked: what is said of a value begins with it, since a person who reads a fault in
    /// a log has no source beside it.
    private var key: String?

    init() {}

    /// - Returns: `nil` when nothing of the value can be kept.
    mutating func check(_ node: YAMLNode, against shape: Shape) -> CheckedValue? {
        switch shape {
        case .object(let object):
            return checkObject(node, object).map { CheckedValue(content: .object($0), location: node.location) }
        case .map(let map):
            return checkMap(node, map)
        case .list(let element):
            return checkList(node, of: element, acceptsSingle: true)
        case .anyList(let element):
            return checkList(node, of: element, acceptsSingle: true, mayBeEmpty: true)
        case .sequence(let element):
            return checkList(node, of: element, acceptsSingle: false)
        case .text(let kind):
            return checkText(node, kind)
        case .choice(let choices):
            return checkChoice(node, choices.map(\.name))
        case .constant(let expected):
            return checkConstant(node, expected)
        case .mask(let words, let object):
            return checkMask(node, words: words.map(\.name), object: object)
        case .boolean, .integer, .duration, .bytes:
            return checkQuantity(node, shape)
        case .anything:
            return CheckedValue(content: .node(node), location: node.location)
        }
    }

    // MARK: Objects

    mutating func checkObject(_ node: YAMLNode, _ shape: ObjectShape) -> CheckedObject? {
        guard case .mapping(let entries) = node.content else {
            let mend =
                node.kindName == "nothing"
                ? "leave the key out, or give it keys: \(shape.keys.prefix(8).map(\.name).joined(separator: ", "))"
                : "its keys are \(shape.keys.prefix(8).map(\.name).joined(separator: ", "))\(shape.keys.count > 8 ? ", …" : "")"
            sink.error("\(shape.title) is a mapping, and this is \(node.kindName)", at: node.location, suggestion: mend)
            return nil
        }
        let errorsBefore = sink.errorCount
        var fields: [String: CheckedObject.Field] = [:]
        var present: [String: SourceLocation] = [:]
        for entry in entries {
            guard let key = shape.key(entry.key.value) else {
                reportUnknown(entry.key, in: shape, present: Set(entries.map(\.key.value)))
                continue
            }
            present[key.name] = entry.key.location
            let outer = self.key
            self.key = key.name
            let value = check(entry.value, against: key.shape)
            self.key = outer
            guard let value else { continue }
            fields[key.name] = .init(
                keyLocation: entry.key.location, value: value, textLocation: textLocation(of: entry.value))
        }
        let missing = shape.keys.filter { $0.isRequired && present[$0.name] == nil }
        for key in missing {
            var mend = key.purpose.asHint
            if case .constant(let text) = key.shape { mend = "write '\(key.name): \(text)'" }
            sink.error("\(shape.title) needs '\(key.name)'", at: node.location, suggestion: mend)
        }
        checkExclusive(shape, present: present, at: node.location)
        if entries.isEmpty, missing.isEmpty, shape.exactlyOneOf.isEmpty, !shape.mayBeEmpty {
            sink.error("\(shape.title) is empty", at: node.location, suggestion: "leave it out, or say what is meant")
        }
        return CheckedObject(fields: fields, location: node.location, isFaulty: sink.errorCount > errorsBefore)
    }

    private mutating func reportUnknown(_ key: Located<String>, in shape: ObjectShape, present: Set<String>) {
        let open = shape.keys.map(\.name).filter { !present.contains($0) }
        let mend =
            Self.formerWord(key.value, in: shape)
            ?? Self.home(of: key.value, in: shape).map { "it belongs under '\($0)'" }
            ?? Suggestion.nearest(to: key.value, among: open).map { "did you mean '\($0)'?" }
            ?? Suggestion.phrase(for: key.value, among: shape.keys.map(\.name), whatTheyAre: "its keys are")
        sink.error("unknown key '\(key.value)' in \(shape.title)", at: key.location, suggestion: mend)
    }

    /// YAML 1.1 reads `on` as true, and a tool that rewrites a policy by its rules says so.
    private static func formerWord(_ name: String, in shape: ObjectShape) -> String? {
        guard name == "true", shape.key("on") != nil else { return nil }
        return "did a tool that reads YAML 1.1 write it for 'on'? Put \"on\" in quotes"
    }

    /// The key of `shape` under which `name` would be known: people forget a level.
    private static func home(of name: String, in shape: ObjectShape) -> String? {
        shape.keys.first { key in
            switch key.shape {
            case .object(let object): object.key(name) != nil
            case .mask(_, let object): object.key(name) != nil
            default: false
            }
        }?.name
    }

    private mutating func checkExclusive(
        _ shape: ObjectShape, present: [String: SourceLocation], at place: SourceLocation
    ) {
        guard !shape.exactlyOneOf.isEmpty else { return }
        let found = shape.exactlyOneOf.compactMap { name in present[name].map { (name, $0) } }.sorted { $0.1 < $1.1 }
        let names = shape.exactlyOneOf.map { "'\($0)'" }
        let list = names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
        if found.isEmpty {
            sink.error("\(shape.title) needs one of \(list)", at: place)
        } else if found.count > 1 {
            sink.error(
                "\(shape.title) has one of \(list), and this has '\(found[0].0)' and '\(found[1].0)'", at: found[1].1,
                suggestion: "keep one", notes: [.init(location: found[0].1, message: "'\(found[0].0)' is here")])
        }
    }

    private mutating func checkMap(_ node: YAMLNode, _ shape: MapShape) -> CheckedValue? {
        guard case .mapping(let entries) = node.content else {
            report(
                "expected a mapping from each \(shape.noun)'s name to what it is, found \(node.kindName)",
                at: node.location,
                suggestion: "as in 'my-\(shape.noun): { … }'")
            return nil
        }
        var checked: [CheckedEntry] = []
        for entry in entries {
            if let fault = shape.names.fault(in: entry.key.value) {
                sink.error(fault.message, at: entry.key.location, suggestion: fault.suggestion)
            }
            checked.append(CheckedEntry(name: entry.key, value: checkObject(entry.value, shape.value)))
        }
        return CheckedValue(content: .map(checked), location: node.location)
    }

    private mutating func checkList(
        _ node: YAMLNode, of element: Shape, acceptsSingle: Bool, mayBeEmpty: Bool = false
    ) -> CheckedValue? {
        if case .sequence(let items) = node.content {
            if items.isEmpty, !mayBeEmpty {
                report(
                    "the list is empty", at: node.location, suggestion: "leave the key out, or say what is meant")
                return nil
            }
            var checked: [CheckedValue] = []
            for item in items {
                if let value = check(item, against: element) { checked.append(value) }
            }
            return CheckedValue(content: .list(checked), location: node.location)
        }
        guard acceptsSingle else {
            report(
                "expected a list, found \(node.kindName)", at: node.location, suggestion: "begin each entry with '- '")
            return nil
        }
        guard let value = check(node, against: element) else { return nil }
        return CheckedValue(content: .list([value]), location: node.location)
    }

    // MARK: Scalars

    private mutating func report(_ message: String, at place: SourceLocation, suggestion: String? = nil) {
        sink.error((key.map { "\($0): " } ?? "") + message, at: place, suggestion: suggestion)
    }

    private func textLocation(of node: YAMLNode) -> SourceLocation {
        var place = node.location
        if case .scalar(let scalar) = node.content, scalar.isQuoted { place.column += 1 }
        return place
    }

    private mutating func scalar(_ node: YAMLNode, expected: String) -> YAMLScalar? {
        if case .scalar(let scalar) = node.content { return scalar }
        report("expected \(expected), found \(node.kindName)", at: node.location)
        return nil
    }

    private mutating func checkText(_ node: YAMLNode, _ kind: TextKind) -> CheckedValue? {
        guard let scalar = scalar(node, expected: "text") else { return nil }
        guard let text = scalar.string else {
            let mend = scalar.isNull ? "write it after the ':'" : "put it in quotes: '\(scalar.text)'"
            report("expected text, found \(scalar.kindName)", at: node.location, suggestion: mend)
            return nil
        }
        if let fault = kind.fault(in: text) {
            report(fault.message, at: node.location, suggestion: fault.suggestion)
            return nil
        }
        return CheckedValue(content: .string(text), location: node.location)
    }

    private mutating func checkChoice(_ node: YAMLNode, _ names: [String]) -> CheckedValue? {
        guard let scalar = scalar(node, expected: "one of \(names.joined(separator: ", "))") else { return nil }
        guard names.contains(scalar.text) else {
            let found = scalar.isNull ? "nothing is written here" : "'\(scalar.text)' is not known here"
            let mend = Suggestion.phrase(for: scalar.text, among: names, whatTheyAre: "one of")
            report(found, at: node.location, suggestion: mend)
            return nil
        }
        return CheckedValue(content: .string(scalar.text), location: node.location)
    }

    private mutating func checkConstant(_ node: YAMLNode, _ expected: String) -> CheckedValue? {
        guard let scalar = scalar(node, expected: "'\(expected)'") else { return nil }
        guard scalar.text == expected else {
            report("expected '\(expected)', found '\(scalar.text)'", at: node.location)
            return nil
        }
        return CheckedValue(content: .string(scalar.text), location: node.location)
    }

    private mutating func checkMask(_ node: YAMLNode, words: [String], object: ObjectShape) -> CheckedValue? {
        guard case .scalar(let scalar) = node.content else {
            return checkObject(node, object).map { CheckedValue(content: .object($0), location: node.location) }
        }
        // `mask: null` means the mask of that name: nobody who writes it means "no value".
        if scalar.isNull, !scalar.text.isEmpty {
            return CheckedValue(content: .string("null"), location: node.location)
        }
        let objects = object.keys.map(\.name)
        if objects.contains(scalar.text) {
            report(
                "the mask '\(scalar.text)' needs a value", at: node.location,
                suggestion: "as in '{ \(scalar.text): \(Self.maskExamples[scalar.text] ?? "…") }'")
            return nil
        }
        guard words.contains(scalar.text) else {
            report(
                scalar.isNull ? "nothing is written here" : "'\(scalar.text)' is no mask", at: node.location,
                suggestion: Suggestion.phrase(
                    for: scalar.text, among: words + objects.map { "{ \($0): … }" }, whatTheyAre: "one of"))
            return nil
        }
        return CheckedValue(content: .string(scalar.text), location: node.location)
    }

    private static let maskExamples = ["fixed": "withheld", "keepFirst": "2", "keepLast": "4", "truncateDate": "year"]

    private mutating func checkQuantity(_ node: YAMLNode, _ shape: Shape) -> CheckedValue? {
        switch shape {
        case .boolean:
            guard let scalar = scalar(node, expected: "true or false") else { return nil }
            guard let flag = scalar.boolean else {
                let likely = ["yes", "on", "true", "y"].contains(scalar.text.lowercased()) ? "true" : "false"
                let quoted = !scalar.isPlain && ["true", "false"].contains(scalar.text)
                report(
                    "expected true or false, found \(scalar.isNull ? "nothing" : "'\(scalar.text)'")",
                    at: node.location,
                    suggestion: quoted
                        ? "write it without quotes"
                        : ["yes", "no", "on", "off", "y", "n"].contains(scalar.text.lowercased())
                            ? "did you mean '\(likely)'?" : nil)
                return nil
            }
            return CheckedValue(content: .boolean(flag), location: node.location)
        case .integer(let range):
            guard let scalar = scalar(node, expected: "a whole number") else { return nil }
            guard let number = scalar.integer, range.contains(number) else {
                report(
                    "expected a whole number between \(range.lowerBound) and \(range.upperBound), found "
                        + (scalar.isNull ? "nothing" : "'\(scalar.text)'"), at: node.location,
                    suggestion: Int(scalar.text).map(range.contains) ?? false ? "write it without quotes" : nil)
                return nil
            }
            return CheckedValue(content: .integer(UInt64(clamping: number)), location: node.location)
        case .duration(let range):
            return checkUnits(node, expected: "a duration") { text throws(Units.Fault) in
                UInt64(try Units.seconds(text, in: range))
            }
        case .bytes(let range):
            return checkUnits(node, expected: "a size") { text throws(Units.Fault) in try Units.bytes(text, in: range) }
        default:
            return nil
        }
    }

    private mutating func checkUnits(
        _ node: YAMLNode, expected: String, _ read: (String) throws(Units.Fault) -> UInt64
    ) -> CheckedValue? {
        guard let scalar = scalar(node, expected: expected) else { return nil }
        if scalar.isNull {
            report("expected \(expected), found nothing", at: node.location)
            return nil
        }
        do throws(Units.Fault) {
            return CheckedValue(content: .integer(try read(scalar.text)), location: node.location)
        } catch {
            report(error.message, at: node.location, suggestion: error.suggestion)
            return nil
        }
    }
}

extension String {
    /// A sentence as it stands after a semicolon.
    fileprivate var asHint: String? {
        guard !isEmpty else { return nil }
        var text = hasSuffix(".") ? String(dropLast()) : self
        text = text.prefix(1).lowercased() + text.dropFirst()
        return text
    }
}
