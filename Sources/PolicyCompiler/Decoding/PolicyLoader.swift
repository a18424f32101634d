import Policy

/// Files → documents → one draft.
struct PolicyLoader {
    private(set) var checker = ShapeChecker()
    private var merger = PolicyMerger()
    private var policies = 0

    /// - Returns: the draft, as far as the files tell it.
    mutating func load(_ files: [PolicySource]) -> PolicyDraft {
        let total = files.reduce(0) { $0 + $1.bytes.count }
        guard total <= YAMLLimits.maximumTotalBytes else {
            checker.sink.error(
                "the files have \(total) bytes together, more than the \(YAMLLimits.maximumTotalBytes) that are read",
                at: nil)
            merger.draft.isIncomplete = true
            return merger.draft
        }
        for file in files.sorted(by: { $0.name < $1.name }) {
            let (documents, isComplete) = YAMLReader.read(file.bytes, file: file.name, into: &checker.sink)
            if !isComplete { merger.draft.isIncomplete = true }
            for document in documents { add(document) }
        }
        if policies == 0, !merger.draft.isIncomplete {
            let place = files.first.map { SourceLocation(file: $0.name, line: 1, column: 1) }
            checker.sink.error(
                "there is no policy here", at: place,
                suggestion: "a policy begins with 'apiVersion: \(PolicyShapes.apiVersion)' and 'kind: Policy'")
            merger.draft.isIncomplete = true
        } else if merger.draft.name == nil, !merger.draft.isIncomplete, checker.sink.errorCount == 0 {
            checker.sink.error(
                "the policy has no name",
                at: files.sorted(by: { $0.name < $1.name }).first.map {
                    SourceLocation(file: $0.name, line: 1, column: 1)
                },
                suggestion: "write 'metadata: { name: … }' in one of the files")
        }
        return merger.draft
    }

    private mutating func add(_ document: YAMLNode) {
        if case .mapping(let entries) = document.content,
            let kind = entries.first(where: { $0.key.value == "kind" }), case .scalar(let scalar) = kind.value.content
        {
            if scalar.text == TestShapes.kind {
                return  // No part of the policy.
            }
            if scalar.text != "Policy" {
                policies += 1
                let kinds = ["Policy", TestShapes.kind]
                checker.sink.error(
                    "'\(scalar.text)' is no kind of document", at: kind.value.location,
                    suggestion: Suggestion.phrase(for: scalar.text, among: kinds, whatTheyAre: "one of"))
                merger.draft.isIncomplete = true
                return
            }
        }
        policies += 1
        guard let checked = checker.checkObject(document, PolicyShapes.document) else {
            merger.draft.isIncomplete = true
            return
        }
        if checked.isFaulty { merger.draft.isIncomplete = true }
        merger.add(checked, into: &checker.sink)
    }
}
