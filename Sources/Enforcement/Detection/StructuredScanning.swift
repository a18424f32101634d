import Policy

extension DetectorScanner {
    /// Masks within structured values with what these detectors and keys say.
    func structuredMasking(key: MaskKey?, heedsKeys: Bool = true) -> StructuredMasking {
        StructuredMasking(tables: tables, keys: heedsKeys ? keys : JSONKeyTable([]), maskKey: key) { [self] finding in
            resolve(finding)?.mask ?? .redact
        }
    }
}
