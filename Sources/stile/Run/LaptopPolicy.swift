import Collector
import Foundation
import Identity
import Policy
import PolicyCompiler

/// What `stile run` itself must know of a policy: whose tokens count, who approves, what is listened for.
struct LaptopPolicy {
    let issuers: [IssuerConfiguration]
    /// Members of the groups that the policy lets approve, as approvers.
    let roles: RoleMap
    let resources: [String]
    /// Those of them that speak HTTP: what is found there is a URL.
    let services: Set<String>
    /// Those that are forward proxies, each with the file that is to be trusted for it, where it has one.
    let proxies: [String: String?]

    /// - Throws: ``Fault`` when the path holds no policy that can be used.
    init(path: String) throws {
        let model: PolicyModel
        if let bundle = try? PolicyBundle(mapping: path) {
            model = bundle.model
        } else {
            let files = try PolicyInput.read(path)
            model = try PolicyInput.compile(files, path: path).model
        }
        issuers = model.issuers.map {
            IssuerConfiguration(
                url: $0.url, audience: $0.audience, groupsClaim: $0.groupsClaim, jwksFile: $0.jwksFile,
                caFile: $0.caFile, clockSkewSeconds: Int64($0.clockSkewSeconds))
        }
        var roles = RoleMap()
        let approvals =
            model.rules.map(\.approval) + model.classifications.map(\.approval) + model.budgets.map(\.approval)
        for group in Set(approvals.compactMap(\.self).flatMap(\.groups)) {
            roles.grant(.approver, toGroup: group)
        }
        self.roles = roles
        resources = model.resources.map(\.name)
        services = Set(model.resources.filter { [.http, .mcp].contains($0.protocolName) }.map(\.name))
        proxies = Dictionary(
            model.resources.filter { $0.protocolName == .egress }.map { ($0.name, $0.trustFile) },
            uniquingKeysWith: { first, _ in first })
    }
}
