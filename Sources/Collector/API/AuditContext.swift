import Hummingbird
import NIOCore

/// What is known of a request while it is answered.
struct AuditContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The caller, once their token is verified.
    var caller: Principal?

    init(source: Source) {
        coreContext = .init(source: source)
        caller = nil
    }

    /// The caller with one of these roles.
    ///
    /// - Throws: ``Problem`` when they have none of them.
    func require(_ roles: Role...) throws -> Principal {
        guard let caller else { throw Problem.unauthorized("send Authorization: Bearer TOKEN") }
        guard !caller.roles.isDisjoint(with: roles) else {
            throw Problem.forbidden(
                "this needs the role \(roles.map(\.rawValue).joined(separator: " or ")); your groups give you "
                    + (caller.roles.isEmpty ? "none" : caller.roles.map(\.rawValue).sorted().joined(separator: ", ")))
        }
        return caller
    }
}
