import Policy

/// Between two ReadyForQuery: one Query, or a pipeline up to its Sync.
struct SegmentState {
    /// Messages of the extended protocol were sent that no Sync has followed.
    var isOpen = false
    /// Something was executed in it, whose locks a wait would keep.
    var hasExecuted = false
    /// The server skips whatever comes before the next Sync.
    var skipsUntilSync = false
    /// The number of the statement that ended last in it: what a failure at its end undoes.
    var lastCompleted: UInt64?
}

/// Whether names can be resolved as the server would.
struct ResolutionState {
    /// Counts the search paths that there have been.
    var searchPathEpoch: UInt64 = 0
    /// A statement was sent that may have changed the path; it must be asked again before the next judgement.
    var isSearchPathStale = true
    /// One was sent in this transaction: its end may change the path back.
    var changedPathInTransaction = false
    /// The session changed the schema; the catalog must be read again.
    var isCatalogStale = false
    /// It did so in the open transaction: nobody else can see what the schema is now.
    var changedCatalogInTransaction = false
}
