extension RecordIngest {
    /// Makes a record's values known to search; returns how far back the record is that stands for it.
    mutating func indexValues(_ facts: RecordFacts, at ordinal: Int64) throws -> Int64? {
        let key = facts.valuesKey
        guard !key.isEmpty else { return nil }
        switch alike.values.place(key, at: ordinal) {
        case .follows(let back, let isFirstOfBlock):
            if isFirstOfBlock { try noteFollower(of: ordinal - back, at: ordinal) }
            return back
        case .leads:
            for value in facts.values {
                try statements.value.run {
                    $0.bind(1, value.dimension)
                    $0.bind(2, value.value)
                    $0.bind(3, ordinal)
                }
            }
            return nil
        }
    }

    /// Makes a record's text known to search; returns how far back the record is whose statement or message stands for its own.
    mutating func indexText(_ facts: RecordFacts, at ordinal: Int64) throws -> Int64? {
        let key = facts.textKey
        var back: Int64?
        var text = ""
        if !key.isEmpty {
            switch alike.texts.place(key, at: ordinal) {
            case .follows(let distance, let isFirstOfBlock):
                if isFirstOfBlock { try noteFollower(of: ordinal - distance, at: ordinal) }
                back = distance
            case .leads: text = facts.text
            }
        }
        let parameters = facts.parameters
        // The index has nothing of what is shorter than its trigrams.
        guard text.utf8.count >= RecordQuery.minimumText || parameters.utf8.count >= RecordQuery.minimumText else {
            return back
        }
        try statements.text.run {
            $0.bind(1, ordinal)
            $0.bind(2, text)
            $0.bind(3, parameters)
        }
        return back
    }

    private func noteFollower(of leader: Int64, at ordinal: Int64) throws {
        try statements.follower.run {
            $0.bind(1, leader)
            $0.bind(2, AlikeRecords.block(of: ordinal))
        }
    }
}
