extension Mask {
    /// Whether what it leaves of two different values may differ: whoever sees it learns something of the value.
    public var tellsApart: Bool {
        switch self {
        case .redact, .null, .fixed: false
        case .hash, .keepFirst, .keepLast, .truncateDate: true
        }
    }
}
