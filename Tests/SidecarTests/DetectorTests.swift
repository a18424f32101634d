import TestKit
import Testing

@testable import Sidecar

@Suite("Values that no column names")
struct DetectorTests {
    @Test("are found and masked in place") func scanned() async throws {
        let fixture = try await SidecarFixture(
            rules: """
                classifications:
                  cards: { detectors: [credit-card], mask: { keepLast: 4 } }
                rules:
                  - { name: reads, allow: [select], on: [db], to: { groups: [everyone] } }
                """,
            schema: "CREATE TABLE notes AS SELECT 1 AS id, 'paid with 4111 1111 1111 1111 today' AS note")
        let result = try await fixture.psql("SELECT id, note FROM notes WHERE id = 1;", token: fixture.token())
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.output.contains("4111 1111 1111 1111"), "\(result.output)")
        #expect(result.output.contains("1111 today"), "\(result.output)")
        #expect(fixture.metrics.masksApplied.value == 1)
        try await fixture.stop()
    }
}
