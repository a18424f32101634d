import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import NIOCore

extension AuditAPI {
    /// Without a token: nothing here tells of anybody.
    func addHealth(to router: Router<AuditContext>) {
        router.get("healthz") { _, _ in
            Self.plain("ok\n")
        }
        router.get("readyz") { _, _ in
            do {
                try await store.ping()
            } catch {
                throw Problem.unavailable("the store does not answer")
            }
            guard metrics.isStoring else { throw Problem.unavailable("records cannot be stored; the log says why") }
            return Self.plain("ready\n")
        }
        router.get("metrics") { _, _ in
            let connected = sidecars.connected
            let gauges = try await store.read { db in
                Metrics.Gauges(
                    connectedSidecars: connected,
                    pendingApprovals: try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM approvals WHERE state = 'pending'") ?? 0,
                    openFindings: try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM findings WHERE resolved_us IS NULL") ?? 0,
                    databaseBytes: try Int64.fetchOne(
                        db, sql: "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()") ?? 0)
            }
            var response = Self.plain(metrics.text(gauges))
            response.headers[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
            return response
        }
    }

    func addOpenAPI(to router: Router<AuditContext>) {
        router.get("v1/openapi.yaml") { _, _ in
            var response = Self.plain(OpenAPIDocument.yaml)
            response.headers[.contentType] = "application/yaml; charset=utf-8"
            return response
        }
    }

    static func plain(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
