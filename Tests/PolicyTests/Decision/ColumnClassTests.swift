import Policy
import Testing

struct ColumnClassTests {
    private func bundle() throws -> PolicyBundle {
        var model = PolicyModel(name: "p")
        model.resources = ["db", "lake"].map { Resource(name: $0, listen: "127.0.0.1:5432", upstream: "db:5432") }
        model.classifications = [
            Classification(name: "pii", columns: ["*.*.email", "shop.customers.*"], detectors: ["email"], mask: .hash),
            Classification(name: "contact", columns: ["*.*.email"], detectors: ["email", "phone"], mask: .keepLast(4)),
            Classification(name: "phi", columns: ["clinic.*.*"], mask: .redact, resources: ["lake"]),
        ]
        return try PolicyBundle(validating: BundleWriter.encode(model, digest: noDigest))
    }

    @Test("A column has all its classifications, and the strictest of their masks")
    func strictest() throws {
        let bundle = try bundle()
        #expect(
            bundle.columnClass(resource: "db", column: ["shop", "orders", "email"])
                == ColumnClass(classifications: ["contact", "pii"], mask: .hash, maskedBy: "pii"))
        #expect(bundle.columnClass(resource: "db", column: ["shop", "orders", "total"]) == nil)
    }

    @Test("A classification holds for the resources that it names")
    func resources() throws {
        let bundle = try bundle()
        #expect(bundle.columnClass(resource: "db", column: ["clinic", "visits", "note"]) == nil)
        #expect(bundle.columnClass(resource: "lake", column: ["clinic", "visits", "note"])?.mask == .redact)
    }

    @Test("Detectors come with the classification and the mask of each")
    func detectors() throws {
        #expect(
            try bundle().detectorNames(resource: "db") == [
                DetectorUse(detector: "email", classification: "contact", mask: .keepLast(4)),
                DetectorUse(detector: "email", classification: "pii", mask: .hash),
                DetectorUse(detector: "phone", classification: "contact", mask: .keepLast(4)),
            ])
    }

    @Test("An unknown resource is taken to have classified columns")
    func unknownResource() throws {
        #expect(try bundle().hasClassifiedColumns(resource: "nowhere"))
        let empty = try PolicyBundle(validating: BundleWriter.encode(PolicyModel(name: "p"), digest: noDigest))
        #expect(empty.hasClassifiedColumns(resource: "nowhere"))
    }
}
