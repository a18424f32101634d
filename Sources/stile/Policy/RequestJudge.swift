import HTTPInspection
import Policy

/// Asks a policy what it says of a request, as a sidecar would, without a server. Bodies and header fields are not known here.
struct RequestJudge {
    let bundle: PolicyBundle
    let resource: String

    /// - Parameter host: `nil`: the upstream's.
    /// - Returns: a request that is unparsable when the text cannot be read.
    func judge(
        method: String, target: String, host: String?, by subject: Subject
    ) -> (request: StatementJudge.Judged, failure: String?) {
        var operation = Operation(
            resource: resource, accesses: [Access(verb: .other, object: ObjectPath([]))], features: .unparsable,
            request: RequestFacts(method: method, host: (host ?? upstreamHost).lowercased(), port: port))
        var failure: String?
        do throws(HTTPError) {
            let path = try HTTPTarget(target.utf8, for: HTTPMethod(method.utf8)).path()
            operation.accesses = [Access(verb: Verb(requestMethod: method), object: ObjectPath(path.segments))]
            operation.features = path.ambiguities.isEmpty ? [] : .ambiguousPath
        } catch {
            failure = "\(error)"
        }
        return (
            StatementJudge.Judged(
                text: "\(method) \(target)", operation: operation,
                explanation: bundle.explain(operation, by: subject)), failure
        )
    }

    /// Through a forward proxy, that of https.
    private var port: UInt16? { bundle.resource(named: resource)?.protocolName == .egress ? 443 : nil }

    private var upstreamHost: String {
        guard let upstream = bundle.resource(named: resource)?.upstream, let colon = upstream.lastIndex(of: ":") else {
            return ""
        }
        return String(upstream[..<colon])
    }
}
