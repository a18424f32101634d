import HTTPInspection
import Policy

/// Asks a policy what it says of a request, as a sidecar would, without a server. Bodies and header fields are not known here.
struct RequestJudge {
    let bundle: PolicyBundle
    let resource: String

    /// - Parameters:
    ///   - target: Through a forward proxy a whole URL, or a path beside a host.
    ///   - host: `nil`: the upstream's. Through a forward proxy it may have a port.
    /// - Returns: a request that is unparsable when the text cannot be read.
    func judge(
        method: String, target: String, host: String?, by subject: Subject
    ) -> (request: StatementJudge.Judged, failure: String?) {
        var operation = Operation(
            resource: resource, accesses: [Access(verb: .other, object: ObjectPath([]))], features: .unparsable,
            request: RequestFacts(method: method, host: (host ?? upstreamHost).lowercased(), port: nil))
        var failure: String?
        do throws(HTTPError) {
            let target = try HTTPTarget(target.utf8, for: HTTPMethod(method.utf8))
            let path = target.path()
            operation.accesses = [
                Access(verb: Verb(requestMethod: method), object: ObjectPath(path.segments), shownRows: 1)
            ]
            operation.features = path.ambiguities.isEmpty ? [] : .ambiguousPath
            if isForward {
                guard let place = try place(of: target, host) else {
                    operation.features = .unparsable
                    failure =
                        "through a forward proxy a request says where it goes: name a host, or ask for 'https://host/path'"
                    return (judged(method, target.description, operation, subject), failure)
                }
                operation.request = RequestFacts(method: method, host: place.host, port: place.port)
            }
        } catch {
            failure = "\(error)"
        }
        return (judged(method, target, operation, subject), failure)
    }

    private func judged(
        _ method: String, _ target: String, _ operation: Operation, _ subject: Subject
    ) -> StatementJudge.Judged {
        StatementJudge.Judged(
            text: "\(method) \(target)", operation: operation, explanation: bundle.explain(operation, by: subject))
    }

    private var isForward: Bool { bundle.resource(named: resource)?.protocolName == .egress }

    /// Where a request goes; where only a host is named, over https.
    private func place(of target: HTTPTarget, _ host: String?) throws(HTTPError) -> (host: String, port: UInt16)? {
        let named: HTTPAuthority?
        if let host { named = try HTTPAuthority(host.utf8) } else { named = target.authority }
        guard let named else { return nil }
        return (named.host.description, named.port ?? (target.scheme ?? .https).defaultPort)
    }

    private var upstreamHost: String {
        guard let upstream = bundle.resource(named: resource)?.upstream, let colon = upstream.lastIndex(of: ":") else {
            return ""
        }
        return String(upstream[..<colon])
    }
}
