import Policy

/// A policy as its files say it, merged, with the place of everything; names in it may still refer to nothing.
struct PolicyDraft {
    struct Part<Value: Sendable>: Sendable {
        var value: Value
        /// What it is called, and where.
        var name: Located<String>
        var source: CheckedObject
    }

    var name: Located<String>?
    var issuers: [Part<Issuer>] = []
    var resources: [Part<Resource>] = []
    var classifications: [Part<Classification>] = []
    var detectors: [Part<CustomDetector>] = []
    var rules: [Part<Rule>] = []
    var budgets: [Part<Budget>] = []
    var recording = Recording()
    var maskKeyFile: String?

    /// Every name that is defined, at fault or not.
    var resourceNames: Set<String> = []
    var classificationNames: Set<String> = []
    var detectorNames: Set<String> = []
    /// Something is missing from what was read, so that what seems undefined or unused may not be.
    var isIncomplete = false

    var model: PolicyModel {
        PolicyModel(
            name: name?.value ?? "", issuers: issuers.map(\.value), resources: resources.map(\.value),
            classifications: classifications.map(\.value), customDetectors: detectors.map(\.value),
            rules: rules.map(\.value), budgets: budgets.map(\.value), recording: recording, maskKeyFile: maskKeyFile)
    }
}
