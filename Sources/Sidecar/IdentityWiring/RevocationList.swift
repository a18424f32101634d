import Identity
import Records
import Synchronization
import UplinkProtocol

/// The revocations that are in force, and whom each is for.
final class RevocationList: RevocationListening {
    private struct State {
        var inForce: [String: PBRevocation] = [:]
        var onAdded: (@Sendable (PBRevocation) -> Void)?
    }

    private let state = Mutex(State())

    /// - Parameter body: gets every revocation that was not in force before.
    func whenAdded(_ body: @escaping @Sendable (PBRevocation) -> Void) {
        state.withLock { $0.onAdded = body }
    }

    func revocationChanged(_ revocation: PBRevocation) {
        let tell = state.withLock { state in
            if revocation.lifted {
                state.inForce[revocation.id] = nil
                return nil as (@Sendable (PBRevocation) -> Void)?
            }
            state.inForce[revocation.id] = revocation
            return state.onAdded
        }
        tell?(revocation)
    }

    func revocationsReplaced(_ revocations: [PBRevocation]) {
        let wanted = revocations.filter { !$0.lifted }
        let (added, tell) = state.withLock { state in
            let added = wanted.filter { state.inForce[$0.id] != $0 }
            state.inForce = Dictionary(wanted.map { ($0.id, $0) }) { $1 }
            return (added, state.onAdded)
        }
        for revocation in added { tell?(revocation) }
    }

    /// - Returns: the reason, when a revocation in force is for this token or session.
    func reason(for token: VerifiedToken, sessionID: RecordID) -> String? {
        state.withLock { state in
            state.inForce.values.first { $0.applies(to: token, sessionID: sessionID) }?.shownReason
        }
    }
}

extension PBRevocation {
    /// Every field that is not empty must match; one with no field at all is for everybody.
    func applies(to token: VerifiedToken, sessionID: RecordID) -> Bool {
        if !subject.isEmpty, subject != token.subject { return false }
        if !issuer.isEmpty, issuer != token.issuer { return false }
        if !self.sessionID.isEmpty, !self.sessionID.elementsEqual(sessionID.bytes) { return false }
        // A token that does not say when it was issued may be as old as can be.
        if beforeUnixS != 0, token.issuedAt >= beforeUnixS { return false }
        return true
    }

    var shownReason: String { reason.isEmpty ? "revoked" : reason }
}
