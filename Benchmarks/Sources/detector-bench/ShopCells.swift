/// The values of a shop's table of people, as `bulk_read.py` makes it: what the sidecar scans of it, and all of it.
struct ShopCells {
    struct Cell {
        var column: String
        var text: String
    }

    private(set) var all: [Cell] = []
    /// Of the columns that no mask covers.
    var unmasked: [Cell] { all.filter { ["name", "city", "note"].contains($0.column) } }

    private var state: UInt64 = 88_172_645_463_325_252

    init(rows: Int) {
        let first = [
            "Ada", "Ben", "Cleo", "Dara", "Eli", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "Lena", "Milo", "Nora",
        ]
        let last = [
            "Abbott", "Baker", "Chavez", "Dunn", "Ellis", "Flores", "Grant", "Hayes", "Ingram", "Jensen", "Klein",
        ]
        let cities = [
            "Albany", "Boise", "Chicago", "Denver", "El Paso", "Fresno", "Houston", "Madison", "Norfolk", "Portland",
        ]
        for id in 100_000..<100_000 + rows {
            let name = (first[next(first.count)], last[next(last.count)])
            let mail = "\(name.1.lowercased())\(id)"
            add("id", "\(id)")
            add("name", "\(name.0) \(name.1)")
            add("email", "\(name.0.lowercased()).\(mail)@example.com")
            add("ssn", "\(101 + next(560))-\(10 + next(89))-\(1_000 + next(8_999))")
            add("card", "4539\(100_000 + next(900_000))\(100_000 + next(900_000))")
            add("city", cities[next(cities.count)])
            switch next(10) {
            case 0: add("note", "The customer asked for a refund of order \(id) and was told to wait.")
            case 1: add("note", "Shipped on 2026-04-\(10 + id % 20) with the second parcel, left with a neighbour.")
            case 2: add("note", "Second address: mail to \(mail)@example.org, never to the old one.")
            case 3:
                add(
                    "note", "Prefers to be called after six; the number on the account is out of date, says the spouse."
                )
            case 4:
                add(
                    "note",
                    "{\"size\": \"L\", \"colour\": \"blue\", \"count\": \(id % 9), \"gift\": false, \"sku\": \"AB-\(id)\"}"
                )
            case 5: break
            default:
                add(
                    "note",
                    "Asked about the return policy and the opening hours of the shop in the old town, and was content.")
            }
        }
    }

    private mutating func add(_ column: String, _ text: String) { all.append(Cell(column: column, text: text)) }

    private mutating func next(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }
}
