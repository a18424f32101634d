/// How globs relate as sets of what they match.
enum GlobRelation {
    /// Whether all that `inner` matches is matched by `outer` too. Says no where it cannot tell.
    static func covers(_ outer: GlobLetters, _ inner: GlobLetters) -> Bool {
        if outer.parts.isEmpty { return true }
        guard
            outer.isOpen
                ? outer.parts.count <= inner.parts.count : !inner.isOpen && outer.parts.count == inner.parts.count
        else { return false }
        return zip(outer.parts, inner.parts).allSatisfy { covers($0, $1) }
    }

    /// Likewise for the functions of a condition, where a glob of one part names a function in whatever schema.
    static func coversFunctions(_ outer: GlobLetters, _ inner: GlobLetters) -> Bool {
        if covers(outer, inner) { return true }
        guard outer.parts.count == 1, inner.parts.count == 2, let name = inner.parts.last else { return false }
        return covers(outer.parts[0], name)
    }

    /// Whether something is matched by both. A table's pattern and a column's are compared as far as both go.
    static func intersect(_ a: GlobLetters, _ b: GlobLetters) -> Bool {
        zip(a.parts, b.parts).allSatisfy { intersect($0, $1) }
    }

    /// Whether some path of a request, or some host, is matched by both.
    static func intersectWhole(_ a: GlobLetters, _ b: GlobLetters) -> Bool {
        guard a.isOpen || a.parts.count >= b.parts.count, b.isOpen || b.parts.count >= a.parts.count else {
            return false
        }
        return intersect(a, b)
    }

    /// A wildcard of `inner` is a letter like no other, which only a wildcard of `outer` matches.
    private static func covers(_ outer: [UInt16], _ inner: [UInt16]) -> Bool {
        let star = GlobLetters.star
        var o = 0
        var i = 0
        var retry: (outer: Int, inner: Int)?
        while i < inner.count {
            if o < outer.count, outer[o] == star {
                retry = (o, i)
                o += 1
            } else if o < outer.count, outer[o] == inner[i] {
                o += 1
                i += 1
            } else if let (outerAt, innerAt) = retry {
                retry = (outerAt, innerAt + 1)
                o = outerAt + 1
                i = innerAt + 1
            } else {
                return false
            }
        }
        return outer[o...].allSatisfy { $0 == star }
    }

    private static func intersect(_ a: [UInt16], _ b: [UInt16]) -> Bool {
        let star = GlobLetters.star
        if !a.contains(star), !b.contains(star) { return a == b }
        // row[j] of the i-th row: some text is matched by the first i letters of a and by the first j of b.
        var above: [Bool] = []
        for i in 0...a.count {
            var row = [Bool](repeating: false, count: b.count + 1)
            for j in 0...b.count {
                if i == 0, j == 0 {
                    row[j] = true
                    continue
                }
                let left = j > 0 && row[j - 1]
                let up = i > 0 && above[j]
                let corner = i > 0 && j > 0 && above[j - 1]
                let aIsStar = i > 0 && a[i - 1] == star
                let bIsStar = j > 0 && b[j - 1] == star
                // A wildcard takes nothing, or one more letter of the other.
                if aIsStar || bIsStar {
                    row[j] = (aIsStar && (up || left)) || (bIsStar && (up || left))
                } else {
                    row[j] = corner && a[i - 1] == b[j - 1]
                }
            }
            above = row
        }
        return above.last ?? false
    }
}
