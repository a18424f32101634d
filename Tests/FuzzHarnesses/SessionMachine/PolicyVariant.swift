import Enforcement

/// The policies that a session may run under, and what each lets pass.
struct PolicyVariant: Sendable {
    let policy: BundlePolicy
    let allowed: Set<StatementPool.Need>
    /// What passes only when somebody approved it.
    let held: Set<StatementPool.Need>
    /// Whoever needs an approval is sent away to come back with it.
    let sendsAway: Bool

    static let all: [PolicyVariant] = [
        made("readers", [.read]),
        made("writers", [.read, .write, .delete, .define]),
        made("writers", [.read, .write, .delete, .define], record: "{ statements: masked, responses: masked }"),
        made("writers, ask", [.read, .write, .define], held: [.delete]),
        made("writers, come back", [.read, .write, .define], held: [.delete], sendsAway: true),
        made("writers", [.read, .write, .delete, .define], record: "{ whenSpoolIsFull: allow }"),
        made("strangers", []),
    ]

    private static func made(
        _ rules: String, _ allowed: Set<StatementPool.Need>, held: Set<StatementPool.Need> = [],
        sendsAway: Bool = false, record: String = "{ statements: masked }"
    ) -> PolicyVariant {
        var lines = ""
        let group = rules == "strangers" ? "strangers" : "support"
        if rules == "readers" || rules == "strangers" {
            lines += "  - { name: readers, allow: [select], on: [shop-db], to: { groups: [\(group)] } }\n"
        } else {
            lines +=
                "  - { name: writers, allow: [select, insert, update, delete, create, drop], on: [shop-db], "
                + "to: { groups: [\(group)] } }\n"
        }
        if !held.isEmpty {
            lines +=
                "  - { name: ask, hold: [delete], message: \"Deleting needs a person.\", approval: { by: { groups: "
                + "[security] }, within: 10m\(sendsAway ? ", mode: return" : "") } }\n"
        }
        let policy = FuzzPolicy.policy(
            """
            resources:
              shop-db: { protocol: postgres, listen: 127.0.0.1:5432, upstream: "db:5432", tls: disable }
            detectors: { planted: { pattern: \(PlantedValues.detected) } }
            classifications:
              pii:   { columns: [public.customers.ssn], detectors: [planted], mask: redact }
              cards: { columns: [public.customers.card], mask: { keepLast: 4 } }
              dates: { columns: [public.customers.born], mask: { truncateDate: year } }
            rules:
            \(lines)
            record: \(record)
            """, resource: "shop-db")
        return PolicyVariant(policy: policy, allowed: allowed, held: held, sendsAway: sendsAway)
    }
}
