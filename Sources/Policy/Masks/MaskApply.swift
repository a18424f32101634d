extension Mask {
    /// Masks one whole value.
    ///
    /// The result is valid for the value's kind. Where the mask has no valid result for the kind, the value is redacted as
    /// ``RedactedForm`` says, and where that has none, it is NULL:
    ///
    /// | kind | redact | fixed | hash | keepFirst, keepLast | truncateDate |
    /// |---|---|---|---|---|---|
    /// | text | `[redacted]` | the text | `h_` and 32 hex digits | all others become `*` | the date |
    /// | integer | NULL | if it is one and fits | a positive integer that fits | NULL | NULL |
    /// | decimal, float, money, boolean, bit | NULL | if it is one | NULL | NULL | NULL |
    /// | date, timestamp | NULL | if it is one | NULL | NULL | the date, midnight |
    /// | time, interval, network | NULL | if it is one (interval: NULL) | NULL | NULL | NULL |
    /// | uuid | the nil UUID | if it is one | a UUID of version 8 | the nil UUID | the nil UUID |
    /// | json, jsonb | `"[redacted]"` | if it is JSON, else as a JSON string | a JSON string | as redact | as redact |
    /// | bytes | `[redacted]` as bytes | if it is `\x…` | 16 bytes | as redact | as redact |
    /// | xml | `<redacted/>` | if it has no markup | as redact | as redact | as redact |
    /// | array | one redacted element, or NULL | NULL | as redact | as redact | as redact |
    /// | enumeration, other | NULL | NULL | NULL | NULL | NULL |
    ///
    /// - Parameters:
    ///   - value: The value's text form, UTF-8. Any bytes are safe.
    ///   - kind: What the value is.
    ///   - key: The key of `hash` masks. Without one, `hash` redacts.
    ///   - output: Where the masked text is appended.
    /// - Returns: Whether text was appended or the value is NULL now.
    public func apply(
        to value: Span<UInt8>, kind: ValueKind, key: MaskKey?, into output: inout [UInt8]
    ) -> MaskedResult {
        switch self {
        case .null: .null
        case .redact: RedactedForm.append(kind, to: &output)
        case .fixed(let text): FixedForm.append(text, kind: kind, to: &output)
        case .hash:
            if let key {
                HashedForm.append(value, kind: kind, key: key, to: &output)
            } else {
                RedactedForm.append(kind, to: &output)
            }
        case .keepFirst(let count): KeptCharacters.append(value, first: Int(count), kind: kind, to: &output)
        case .keepLast(let count): KeptCharacters.append(value, last: Int(count), kind: kind, to: &output)
        case .truncateDate(let precision): TruncatedDate.append(value, to: precision, kind: kind, into: &output)
        }
    }
}
