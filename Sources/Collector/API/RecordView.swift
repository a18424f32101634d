import Foundation
import Records

/// A record as people and programs read it. One of the event's members is there, the one that `kind` names; of a
/// `statement-run` two, `statement` and `completed`.
public struct RecordView: Codable, Sendable {
    /// The order of arrival at this collector.
    public var ordinal: Int64
    public var id: String
    public var sessionId: String
    public var sequence: Int64
    public var time: Timestamp
    public var received: Timestamp
    public var kind: RecordKind
    /// SHA-256 of the record's bytes.
    public var hash: String
    /// The digest of the one before that it names.
    public var previous: String
    /// Of the session.
    public var subject: String?
    public var issuer: String?
    public var actors: [String]
    public var resource: String?

    public var sessionOpened: SessionOpened?
    public var statement: Statement?
    public var completed: Completed?
    public var approvalAsked: ApprovalAsked?
    public var approvalAnswered: ApprovalAnswered?
    public var policyChanged: PolicyChanged?
    public var sessionClosed: SessionClosed?
    public var sidecarEvent: SidecarEvent?
    public var identityChanged: IdentityChanged?

    public struct SessionOpened: Codable, Sendable {
        public var subject: String?
        public var issuer: String?
        public var groups: [String]
        public var actors: [String]
        public var expires: Timestamp?
        public var tokenId: String?
        public var namespace: String?
        public var workload: String?
        public var pod: String?
        public var sidecarId: String?
        public var resource: String
        public var `protocol`: String
        public var client: String?
        public var database: String?
        public var policyDigest: String?
        public var refused: String?
    }

    public struct Statement: Codable, Sendable {
        public var number: UInt64
        public var text: String
        public var textTruncated: Bool
        public var fingerprint: String?
        public var parameters: [String]
        public var verbs: [String]
        public var objects: [String]
        public var columns: [String]
        public var classifications: [String]
        public var verdict: String
        public var rules: [String]
        public var message: String?
        public var observedRules: [String]
        public var features: [String]
        public var approvalId: String?
        public var policyDigest: String?
        /// W3C Trace Context, of a request that had one.
        public var traceparent: String?
    }

    public struct Completed: Codable, Sendable {
        public var statement: UInt64
        public var tag: String?
        public var rows: UInt64
        public var bytes: UInt64
        public var masks: [Mask]
        public var sqlstate: String?
        public var durationMicroseconds: UInt64
        /// The rows as the client got them, in the text format of COPY, or the body.
        public var response: String?
        public var responseTruncated: Bool
        public var incomplete: Bool
        /// Digests of the server's texts that the client did not get as they were, in hexadecimal.
        public var withheld: [String]
        /// The budget that ended the result before its end.
        public var budget: String?
        /// Why the server's answer was not let through, or not to its end.
        public var refused: String?
    }

    public struct Mask: Codable, Sendable {
        public var column: String
        public var classification: String
        public var mask: String
        public var values: UInt64
        public var detector: String?
    }

    public struct ApprovalAsked: Codable, Sendable {
        public var approvalId: String
        public var statement: UInt64
        public var groups: [String]
        /// Whoever decides is in one group of each list.
        public var approverGroups: [[String]]
        public var expires: Timestamp
    }

    public struct ApprovalAnswered: Codable, Sendable {
        public var approvalId: String
        public var statement: UInt64
        public var answer: String
        public var approver: String?
        public var reason: String?
    }

    public struct PolicyChanged: Codable, Sendable {
        public var digest: String
        public var policy: String?
        public var rejected: String?
    }

    public struct SessionClosed: Codable, Sendable {
        public var reason: String
        public var statements: UInt64
        public var rows: UInt64
        public var keyId: String?
        public var algorithm: String?
    }

    public struct SidecarEvent: Codable, Sendable {
        public var kind: String
        public var detail: String?
    }

    public struct IdentityChanged: Codable, Sendable {
        public var reason: String
        public var subject: String?
        public var groups: [String]
        public var expires: Timestamp?
    }
}

extension RecordView {
    /// Fills the member of the event.
    mutating func show(_ record: PBRecord) {
        switch record.event {
        case .sessionOpened(let event): sessionOpened = SessionOpened(event)
        case .statement(let event): statement = Statement(event)
        case .completed(let event): completed = Completed(event)
        case .statementRun(let event):
            statement = Statement(event.judged)
            completed = Completed(event.numberedCompletion)
        case .approvalAsked(let event):
            approvalAsked = ApprovalAsked(
                approvalId: event.approvalID, statement: event.statement,
                groups: Set(event.approverLists.flatMap(\.self)).sorted(), approverGroups: event.approverLists,
                expires: Timestamp(seconds: event.expiresUnixS))
        case .approvalAnswered(let event):
            approvalAnswered = ApprovalAnswered(
                approvalId: event.approvalID, statement: event.statement, answer: RecordText.answer(event.answer),
                approver: event.approver.nonEmpty, reason: event.reason.nonEmpty)
        case .policyChanged(let event):
            policyChanged = PolicyChanged(
                digest: Identifiers.hex(event.digest), policy: event.policy.nonEmpty, rejected: event.rejected.nonEmpty)
        case .sessionClosed(let event):
            sessionClosed = SessionClosed(
                reason: event.reason, statements: event.statements, rows: event.rows,
                keyId: Identifiers.hex(event.keyID).nonEmpty, algorithm: event.algorithm.nonEmpty)
        case .sidecarEvent(let event):
            sidecarEvent = SidecarEvent(kind: event.kind, detail: event.detail.nonEmpty)
        case .identityChanged(let event):
            identityChanged = IdentityChanged(
                reason: event.reason, subject: event.subject.id.nonEmpty, groups: event.subject.groups,
                expires: Timestamp(unixSeconds: event.subject.expiresUnixS))
        case nil: break
        }
    }
}

extension RecordView.SessionOpened {
    fileprivate init(_ event: PBSessionOpened) {
        self.init(
            subject: event.subject.id.nonEmpty, issuer: event.subject.issuer.nonEmpty, groups: event.subject.groups,
            actors: event.subject.actors, expires: Timestamp(unixSeconds: event.subject.expiresUnixS),
            tokenId: event.subject.tokenID.nonEmpty, namespace: event.agent.namespace.nonEmpty,
            workload: event.agent.workload.nonEmpty, pod: event.agent.pod.nonEmpty,
            sidecarId: event.agent.sidecarID.nonEmpty, resource: event.resource, protocol: event.protocol,
            client: event.client.nonEmpty, database: event.database.nonEmpty,
            policyDigest: Identifiers.hex(event.policyDigest).nonEmpty, refused: event.refused.nonEmpty)
    }
}

extension RecordView.Statement {
    fileprivate init(_ event: PBStatementJudged) {
        let fingerprint = withUnsafeBytes(of: event.fingerprint.bigEndian) { Identifiers.hex($0) }
        self.init(
            number: event.statement, text: event.text, textTruncated: event.textTruncated,
            fingerprint: event.fingerprint == 0 ? nil : fingerprint, parameters: event.parameters, verbs: event.verbs,
            objects: event.objects, columns: event.columns, classifications: event.classifications,
            verdict: RecordText.outcome(event.outcome) ?? "unspecified", rules: event.rules,
            message: event.message.nonEmpty, observedRules: event.observedRules, features: event.features,
            approvalId: event.approvalID.nonEmpty, policyDigest: Identifiers.hex(event.policyDigest).nonEmpty,
            traceparent: event.traceparent.nonEmpty)
    }
}

extension RecordView.Completed {
    fileprivate init(_ event: PBStatementCompleted) {
        self.init(
            statement: event.statement, tag: event.tag.nonEmpty, rows: event.rows, bytes: event.bytes,
            masks: event.masks.map {
                RecordView.Mask(
                    column: $0.column, classification: $0.classification, mask: $0.mask, values: $0.values,
                    detector: $0.detector.nonEmpty)
            },
            sqlstate: event.sqlstate.nonEmpty, durationMicroseconds: event.durationUs,
            response: event.response.isEmpty ? nil : String(decoding: event.response, as: UTF8.self),
            responseTruncated: event.responseTruncated, incomplete: event.incomplete,
            withheld: event.withheld.map { Identifiers.hex($0) }, budget: event.budget.nonEmpty,
            refused: event.refused.nonEmpty)
    }
}

extension Timestamp {
    /// Nil for 0, which a record has where there is no time.
    init?(unixSeconds: Int64) {
        guard unixSeconds != 0 else { return nil }
        self.init(seconds: unixSeconds)
    }
}

extension String {
    /// Nil for the empty string, which a record has where there is nothing.
    var nonEmpty: String? { isEmpty ? nil : self }
}
