import Testing

@testable import HTTPInspection

@Suite("Fields")
struct HTTPFieldsTests {
    @Test("A name is found without its case, and kept in it")
    func caseOfNames() throws {
        var fields = HTTPFields()
        try fields.append("Content-TYPE", "text/plain")
        #expect(fields.first(named: "content-type").map(Array.init) == Array("text/plain".utf8))
        #expect(fields.contains("CONTENT-type"))
        #expect(Array(fields.name(at: 0)) == Array("Content-TYPE".utf8))
        #expect(fields.first(named: "content-typ") == nil)
    }
}
