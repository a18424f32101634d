import Policy

extension DetectorScanner {
    /// Masks within structured values with what these detectors and keys say.
    func structuredMasking(key: MaskKey?) -> StructuredMasking {
        StructuredMasking(tables: tables, keys: keys, maskKey: key) { [self] finding in
            resolve(finding)?.mask ?? .redact
        }
    }
}
