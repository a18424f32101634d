import PostgresWire
import Synchronization

/// How the server has described a statement's rows, and what was planned for them: it says the same each time, and what it
/// says need not be read again.
final class ResultMemory: Sendable {
    private struct Memory: Sendable {
        /// Bodies of RowDescriptions, with what they say.
        var descriptions: [(body: [UInt8], fields: [FieldDescription])] = []
        var plans: [Planned] = []
    }

    private final class Planned: Sendable {
        let fields: [FieldDescription]
        let formats: [FormatCode]?
        /// Whose columns were classified, and where: a plan is good under one policy and one catalog. By number: the policy's
        /// judgements hold the statement, which holds this, and would hold themselves.
        let scopes: UInt64
        let catalog: UInt64
        let plan: ResultPlan

        init(
            fields: [FieldDescription], formats: [FormatCode]?, scopes: UInt64, catalog: UInt64,
            plan: ResultPlan
        ) {
            self.fields = fields
            self.formats = formats
            self.scopes = scopes
            self.catalog = catalog
            self.plan = plan
        }
    }

    /// Drivers ask for text or for binary; a third form is rare.
    private static let capacity = 4

    private let memory = Mutex(Memory())

    func fields(of body: ArraySlice<UInt8>) -> [FieldDescription]? {
        memory.withLock { memory in
            for known in memory.descriptions where known.body.count == body.count && known.body.elementsEqual(body) {
                return known.fields
            }
            return nil
        }
    }

    func keep(_ fields: [FieldDescription], of body: ArraySlice<UInt8>) {
        memory.withLock { memory in
            if memory.descriptions.count >= ResultMemory.capacity { memory.descriptions.removeFirst() }
            memory.descriptions.append((Array(body), fields))
        }
    }

    func plan(
        _ fields: [FieldDescription], _ formats: [FormatCode]?, _ scopes: JudgementScopes, _ catalog: PostgresCatalog
    ) -> ResultPlan? {
        memory.withLock { memory in
            for known in memory.plans
            where known.scopes == scopes.number && known.catalog == catalog.version && known.fields == fields
                && known.formats == formats
            {
                return known.plan
            }
            return nil
        }
    }

    func keep(
        _ plan: ResultPlan, _ fields: [FieldDescription], _ formats: [FormatCode]?, _ scopes: JudgementScopes,
        _ catalog: PostgresCatalog
    ) {
        memory.withLock { memory in
            if memory.plans.count >= ResultMemory.capacity { memory.plans.removeFirst() }
            memory.plans.append(
                Planned(fields: fields, formats: formats, scopes: scopes.number, catalog: catalog.version, plan: plan))
        }
    }
}
