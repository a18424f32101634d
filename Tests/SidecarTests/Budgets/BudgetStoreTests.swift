import Enforcement
import Foundation
import Logging
import Policy
import TestKit
import Testing

@testable import Sidecar

/// What is counted outlives the process.
@Suite("The store of budgets") struct BudgetStoreTests {
    private let folder: TemporaryFolder
    private let budget = Budget(name: "reads", rowsPerSubject: 1_000, windowSeconds: 3_600)
    private let ann = Subject(id: "ann", issuer: "https://id.example")

    init() throws { folder = try TemporaryFolder("budgets") }

    private func open(at now: Int64 = 100_000) throws -> BudgetStore {
        try BudgetStore(directory: folder.path, logger: Logger(label: "test"), now: now)
    }

    @Test("After a proper end the counts are exact")
    func properEnd() throws {
        let store = try open()
        let account = store.account(of: budget, for: ann)
        #expect(account.take(rows: 123, limit: 1_000, at: 100_000) == 123)
        account.giveBack(rows: 20)
        #expect(account.admit([[1], [2], [1]], limit: 9, at: 100_000) == 3)
        store.close(now: 100_000)
        let standing = try open().account(of: budget, for: ann).standing(at: 100_001)
        #expect(standing.rows == 103)
        #expect(standing.values == 2)
    }

    @Test("After a kill nothing is forgotten, and no more counted than a fiftieth of the limit")
    func kill() throws {
        var shown: UInt64 = 0
        for round in 0..<10 {
            // Nobody closes it: the file is as the kill left it.
            let store = try open()
            let account = store.account(of: budget, for: ann)
            let before = account.standing(at: 100_000).rows
            #expect(before >= shown)
            #expect(before <= shown + UInt64(20 * round))
            for _ in 0..<13 { shown += account.take(rows: 3, limit: 1_000, at: 100_000) }
            #expect(account.admit([[UInt64(round)]], limit: 100, at: 100_000) == 1)
            #expect(account.standing(at: 100_000).values == UInt64(round + 1))
        }
        let account = try open().account(of: budget, for: ann)
        // Never more than the limit, whatever ends in between.
        while account.take(rows: 7, limit: 1_000, at: 100_000) == 7 { shown += 7 }
        #expect(shown <= 1_000)
    }

    @Test("A write that was cut short, or bytes that somebody changed, lose that entry alone")
    func damage() throws {
        do {
            let account = try open().account(of: budget, for: ann)
            for second in 0..<5 as Range<Int64> { _ = account.take(rows: 10, limit: 1_000, at: 100_000 + 60 * second) }
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder[".budgets"]))
        #expect(bytes.count == 5 * 48)
        bytes[48 + 33] ^= 1
        bytes.append(contentsOf: [1, 2, 3])
        try bytes.write(to: URL(fileURLWithPath: folder[".budgets"]))
        let account = try open().account(of: budget, for: ann)
        #expect(account.standing(at: 100_300).rows == 4 * 30)
        #expect(account.take(rows: 1, limit: 1_000, at: 100_300) == 1)
        #expect(try open().account(of: budget, for: ann).standing(at: 100_300).rows >= 121)
    }

    @Test("The file tells no name and no value, and is the sidecar's alone")
    func secrecy() throws {
        let account = try open().account(of: budget, for: ann)
        _ = account.take(rows: 1, limit: 10, at: 100_000)
        let value = account.digest(Array("4111111111111111".utf8).span)
        _ = account.admit([[value]], limit: 10, at: 100_000)
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder[".budgets"])), as: UTF8.self)
        #expect(!text.contains("ann") && !text.contains("reads") && !text.contains("4111"))
        for name in [".budgets", ".budget-key"] {
            let mode = try FileManager.default.attributesOfItem(atPath: folder[name])[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        // Another key, another hash.
        try FileManager.default.removeItem(atPath: folder[".budget-key"])
        #expect(try open().account(of: budget, for: ann).digest(Array("4111111111111111".utf8).span) != value)
    }

    @Test("Many threads at once count no row twice and miss none")
    func threads() async throws {
        let store = try open()
        let taken = await withTaskGroup(of: UInt64.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    let account = store.account(of: budget, for: ann)
                    var taken: UInt64 = 0
                    for _ in 0..<400 { taken += account.take(rows: 1, limit: 1_000, at: 100_000) }
                    return taken
                }
            }
            return await tasks.reduce(0, +)
        }
        #expect(taken == 1_000)
        #expect(store.account(of: budget, for: ann).standing(at: 100_000).rows == 1_000)
    }

    @Test("A file that has grown is made small again, and counts the same")
    func compaction() throws {
        let store = try open()
        let account = store.account(of: budget, for: ann)
        for number in 0..<30_000 as Range<Int64> { _ = account.take(rows: 1, limit: 10, at: 100_000 + number * 60) }
        let last: Int64 = 100_000 + 29_999 * 60
        let before = account.standing(at: last)
        let size = try FileManager.default.attributesOfItem(atPath: folder[".budgets"])[.size] as? Int ?? 0
        store.commit(now: last)
        let after = try FileManager.default.attributesOfItem(atPath: folder[".budgets"])[.size] as? Int ?? 0
        #expect(after < size || size < 1 << 20)
        #expect(try open(at: last).account(of: budget, for: ann).standing(at: last).rows >= before.rows)
    }
}
