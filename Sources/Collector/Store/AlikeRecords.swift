import Records

/// Which records stand for others in the indexes of search.
///
/// Most of what an agent does it has done before: the same statement, under the same rule, of the same tables. Such a record
/// is not indexed again; it names the one that was, its leader, by how far that lies back (`values_back` for the table of
/// values, `text_back` for full text). A leader stands for records of its own window of ordinals alone, so that a search which
/// goes through windows has in each all that it needs, in order, and what is remembered here is bounded. Nothing rests on
/// a leader being the only one: whoever has forgotten it indexes the record itself.
///
/// `alike` has the blocks of ordinals in which a leader has followers, but for its own block, where they are looked for anyway:
/// a row a block and not a row a record.
struct AlikeRecords: Sendable {
    /// Ordinals of a window: some seconds at full load.
    static let windowBits: Int64 = 14
    /// Ordinals of a block: search reads all of it to find one record.
    static let blockBits: Int64 = 6

    /// The ordinals of the window that an ordinal is in.
    static func window(of ordinal: Int64) -> ClosedRange<Int64> {
        let first = (ordinal >> windowBits) << windowBits
        return first...(first | (1 << windowBits - 1))
    }

    static func block(of ordinal: Int64) -> Int64 { ordinal >> blockBits }

    /// Where records that are alike in one way have their leaders.
    struct Leaders: Sendable {
        private struct Leader {
            var ordinal: Int64
            /// The last block that is known to have followers.
            var block: Int64
        }

        /// What to do for a record.
        enum Place {
            /// It is the first: it is to be indexed itself.
            case leads
            /// Another stands for it, which is so far back.
            case follows(back: Int64, isFirstOfBlock: Bool)
        }

        private var leaders: [[UInt8]: Leader] = [:]
        private var window: Int64 = -1

        /// Finds the leader of a record, or makes it one.
        ///
        /// - Parameters:
        ///   - key: Equal for records that are alike.
        ///   - ordinal: That the record will have; greater than all before.
        mutating func place(_ key: [UInt8], at ordinal: Int64) -> Place {
            if ordinal >> AlikeRecords.windowBits != window {
                leaders.removeAll(keepingCapacity: true)
                window = ordinal >> AlikeRecords.windowBits
            }
            let block = AlikeRecords.block(of: ordinal)
            // A long key is known by its digest, so that what is kept is bounded in bytes as well.
            let short = key.count > Self.maximumKey ? RecordHash(of: key).bytes + [1] : key + [0]
            guard var leader = leaders[short] else {
                leaders[short] = Leader(ordinal: ordinal, block: block)
                return .leads
            }
            let isFirst = leader.block != block
            if isFirst {
                leader.block = block
                leaders[short] = leader
            }
            return .follows(back: ordinal - leader.ordinal, isFirstOfBlock: isFirst)
        }

        private static let maximumKey = 256
    }

    var values = Leaders()
    var texts = Leaders()
}
