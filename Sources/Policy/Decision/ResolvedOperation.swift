/// An operation with the rules that match it, whoever asks: what is worth keeping for a statement that comes again. Of use
/// with the bundle that made it; with another one it is made again.
public struct ResolvedOperation: Sendable {
    public let operation: Operation
    /// The classifications of the columns that each access uses, by name, sorted.
    public let classifications: [[String]]
    /// The operation's accesses; one of an empty path when it came without any.
    let accesses: [ResolvedAccess]
    let isKnownResource: Bool
    let bundle: PolicyBundle.Identity
}

/// The rules that match an access.
struct ResolvedAccess: Sendable {
    var access: Access
    /// Allow rules that match it, whether or not they vouch for what must be vouched for.
    var allowing: RuleSet
    /// Those of them that do.
    var vouching: RuleSet
    /// Hold and deny rules that match it.
    var restricting: RuleSet
    /// What must be vouched for.
    var guarded: Features
    /// Columns that decide what their classifications do not let them decide.
    var steering: [SteeringColumn]
}

extension PolicyBundle {
    /// Finds the rules that match an operation.
    public func resolve(_ operation: Operation) -> ResolvedOperation {
        resolve(operation, for: .anybody)
    }

    /// Whose rules an operation is resolved to.
    enum Audience {
        case anybody
        /// Rules in this set, which were found before.
        case only(RuleSet)
        /// Rules that satisfy this too, which need not be found one by one.
        case satisfying(RowProgram)
    }

    func resolve(_ operation: Operation, for audience: Audience) -> ResolvedOperation {
        // What touches nothing that it admits to is judged as something that has no verb of its own.
        let accesses =
            operation.accesses.isEmpty ? [Access(verb: .other, object: ObjectPath([]))] : operation.accesses
        guard let resource = resourceNumbers[Array(operation.resource.utf8)] else {
            return ResolvedOperation(
                operation: operation, classifications: accesses.map { _ in [] }, accesses: [], isKnownResource: false,
                bundle: identity)
        }
        let functions = FunctionRows(operation.functions, self)
        let request = operation.call == nil ? operation.request.map { RequestRows($0, self) } : nil
        var classifications: [[String]] = []
        var resolved: [ResolvedAccess] = []
        for access in accesses {
            let columns = ColumnRows(
                access, isRequest: request != nil || operation.call != nil, resource: resource, self)
            classifications.append(columns.classifications.sorted().map { settings.classifications[$0].name })
            resolved.append(resolve(access, of: operation, resource, functions, request, columns, for: audience))
        }
        if !operation.documentKeys.isEmpty {
            resolved[0].steering += documentSteering(operation.documentKeys, resource: resource)
        }
        return ResolvedOperation(
            operation: operation, classifications: classifications, accesses: resolved, isKnownResource: true,
            bundle: identity)
    }

    private func resolve(
        _ access: Access, of operation: Operation, _ resource: Int, _ functions: FunctionRows,
        _ request: RequestRows?, _ columns: ColumnRows, for audience: Audience
    ) -> ResolvedAccess {
        let features = access.features.union(operation.features)
        let resourceRows = [dimensions.open(.resource), dimensions.resource(resource)]

        var start = RowProgram()
        var filter: RuleSet?
        switch audience {
        case .anybody: break
        case .only(let rules): filter = rules
        case .satisfying(let program): start = program
        }
        var common = start
        common.require(anyOf: [dimensions.verb(access.verb)])
        common.require(anyOf: resourceRows)
        var objects = [dimensions.open(.object)]
        if operation.call != nil {
            requireCall(access.object.components, in: &common)
        } else if let request {
            var paths = [dimensions.open(.path)]
            globs.paths.lookUp(NamePath(requestPath: access.object.components)) { paths.append($0) }
            common.require(anyOf: paths)
            common.require(anyOf: request.methods)
            common.require(anyOf: request.hosts)
            common.require(anyOf: [dimensions.open(.call)])
        } else {
            globs.objects.lookUp(NamePath(access.object.components)) { objects.append($0) }
            common.require(anyOf: [dimensions.open(.plain)])
        }
        common.require(anyOf: objects)
        for bit in 0..<64 {
            let isPresent = features.rawValue >> UInt64(bit) & 1 == 1
            common.exclude(isPresent ? dimensions.without(bit) : dimensions.with(bit))
        }

        var restricting = common
        restricting.require(
            anyOf: [dimensions.open(.classification)] + columns.classifications.map(dimensions.classification))
        restricting.require(anyOf: [dimensions.open(.column)] + columns.rows.flatMap { $0 })
        restricting.require(anyOf: [dimensions.open(.function)] + functions.conditions.flatMap { $0 })
        if let request { restricting.require(anyOf: request.ports) }

        var allowing = start
        if Verb.implied.contains(access.verb) {
            allowing.require(anyOf: resourceRows)
            // Connecting through a forward proxy is implied by whatever is allowed there, and by nothing that is allowed elsewhere.
            if let request, request.saysPort {
                allowing.require(anyOf: request.hosts)
                allowing.require(anyOf: request.allowedPorts)
            }
        } else {
            allowing = common
            allowing.bound(
                dimensions.open(.classification), columns.classifications.map { [dimensions.classification($0)] })
            allowing.bound(dimensions.open(.column), columns.rows)
            allowing.bound(dimensions.open(.function), functions.conditions)
            if let request { allowing.require(anyOf: request.allowedPorts) }
        }

        let guarded = features.intersection(.guarded)
        var vouching = allowing
        for bit in 0..<64 where guarded.rawValue >> UInt64(bit) & 1 == 1 {
            vouching.require(anyOf: [dimensions.vouch(bit)])
        }
        for vouched in functions.vouched { vouching.require(anyOf: vouched) }

        let order = rows.order
        let isImplied = Verb.implied.contains(access.verb)
        func narrowed(_ rules: RuleSet) -> RuleSet { isImplied ? rules : self.narrowed(rules, by: operation.call) }
        let allowed = narrowed(allowing.run(on: rows, words: 0..<order.holdStart, filter: filter))
        return ResolvedAccess(
            access: access, allowing: allowed,
            vouching: guarded.isEmpty && functions.vouched.isEmpty
                ? allowed : narrowed(vouching.run(on: rows, words: 0..<order.holdStart, filter: filter)),
            restricting: self.narrowed(
                restricting.run(on: rows, words: order.holdStart..<order.words, filter: filter), by: operation.call),
            guarded: guarded, steering: columns.steering)
    }

    /// What a call is of: a tool, a resource or a prompt, and nothing that a statement or a request is.
    private func requireCall(_ object: [String], in program: inout RowProgram) {
        program.require(anyOf: [dimensions.open(.request)])
        let name = object.count == 2 ? object[1] : nil
        for (kind, open, table) in [
            (CallFacts.tool, OpenDimension.tool, globs.tools), (CallFacts.resource, .uri, globs.uris),
            (CallFacts.prompt, .prompt, globs.prompts),
        ] {
            var named = [dimensions.open(open)]
            if let name, object.first == kind { table.lookUp(NamePath(text: name)) { named.append($0) } }
            program.require(anyOf: named)
        }
    }

    /// The rules of a set whose conditions on arguments hold. They are gone through one by one, and are few.
    private func narrowed(_ rules: RuleSet, by call: CallFacts?) -> RuleSet {
        guard let call, !rules.isEmpty else { return rules }
        var result = RuleSet()
        rules.forEachCommonWord(with: nil) { position, word in
            var kept = word
            var rest = word & rows.word(dimensions.conditional, position)
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                rest &= rest - 1
                guard let rule = rule(rows.order.rule(atBit: 64 * position + bit)),
                    rule.condition.argumentsHold(call.arguments, of: rule.effect)
                else {
                    kept &= ~(1 << UInt64(bit))
                    continue
                }
            }
            if kept != 0 { result.append(kept, at: position) }
        }
        return result
    }
}

extension RowProgram {
    /// A condition of an allow rule bounds what the rule lets through: there is something of the kind, and every one of it
    /// is named; or the rule leaves the dimension open.
    fileprivate mutating func bound(_ open: UInt32, _ values: [[UInt32]]) {
        if values.isEmpty { return require(anyOf: [open]) }
        for value in Set(values) { require(anyOf: [open] + value) }
    }
}

/// The rows of an operation's functions, a list of rows a function.
private struct FunctionRows {
    var conditions: [[UInt32]] = []
    var vouched: [[UInt32]] = []

    init(_ functions: [String], _ bundle: PolicyBundle) {
        for function in functions {
            let path = NamePath(function: function)
            var matching: [UInt32] = []
            bundle.globs.functions.lookUp(path) { matching.append($0) }
            if let name = path.unqualified { bundle.globs.functions.lookUp(name) { matching.append($0) } }
            conditions.append(matching)
            var vouching: [UInt32] = []
            bundle.globs.vouchedFunctions.lookUp(path) { vouching.append($0) }
            vouched.append(vouching)
        }
    }
}

/// The rows of a request's method, of its host and of its port, with those of the rules that leave them open.
private struct RequestRows {
    var methods: [UInt32]
    var hosts: [UInt32]
    var saysPort: Bool
    var ports: [UInt32]
    /// Without the rules that leave ports open, where the port is none that goes without saying.
    var allowedPorts: [UInt32]

    init(_ request: RequestFacts, _ bundle: PolicyBundle) {
        var methods = [bundle.dimensions.open(.method)]
        bundle.globs.methods.lookUp(NamePath(text: request.method)) { methods.append($0) }
        var hosts = [bundle.dimensions.open(.host)]
        bundle.globs.hosts.lookUp(NamePath(host: request.host)) { hosts.append($0) }
        let open = bundle.dimensions.open(.port)
        var ports: [UInt32] = []
        if let port = request.port { bundle.globs.ports.lookUp(NamePath(text: String(port))) { ports.append($0) } }
        self.methods = methods
        self.hosts = hosts
        saysPort = request.port != nil
        self.ports = [open] + ports
        allowedPorts = request.port.map(RequestFacts.usualPorts.contains) ?? true ? [open] + ports : ports
    }
}

/// The rows of an access's columns, a list of rows a column, and the classifications that they have between them.
private struct ColumnRows {
    var rows: [[UInt32]] = []
    var classifications: Set<Int> = []
    var steering: [SteeringColumn] = []

    init(_ access: Access, isRequest: Bool, resource: Int, _ bundle: PolicyBundle) {
        let table = NamePath(access.object.components)
        for (column, use) in access.columns {
            let path = table.appending(column)
            var matching: [UInt32] = []
            if !isRequest { bundle.globs.columns.lookUp(path) { matching.append($0) } }
            rows.append(matching.sorted())
            for (object, number) in bundle.classifications(of: column, in: access, resource: resource) {
                classifications.insert(number)
                let classification = bundle.settings.classifications[number]
                guard let outcome = classification.predicates.outcome(of: use) else { continue }
                steering.append(
                    SteeringColumn(
                        path: object.components + [column], classification: classification.name,
                        predicates: classification.predicates, outcome: outcome, approval: classification.approval))
            }
        }
        if steering.count > 1 { steering.sort { $0.isBefore($1) } }
    }
}
