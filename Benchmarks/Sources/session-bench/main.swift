// What a point query costs the session machine, without any socket: instructions, nanoseconds and allocations a
// transaction, for the ways in which pgbench asks. `--loop NAME` runs one of them for ever, for a profiler.

import BenchmarkRows
import CCounters

let (policy, resource) = try Bench.policy(rules: 100)

struct Cost {
    var nanoseconds: Double
    var instructions: Double
    var allocations: Double
}

func run(_ conversation: Conversation, _ session: OpenSession, times: Int) {
    var index = 0
    for _ in 0..<times {
        session.client(conversation.requests[index])
        session.server(conversation.answer)
        index += 1
        if index == conversation.requests.count { index = 0 }
    }
}

func open(_ conversation: Conversation) -> OpenSession {
    let session = OpenSession(policy: policy, resource: resource)
    if let (request, answer) = conversation.preparation {
        session.client(request)
        session.server(answer)
    }
    // A session that refuses would look quick.
    _ = session.takeSent()
    run(conversation, session, times: 1)
    guard session.takeSent() == (conversation.answer.count, conversation.requests[0].count) else {
        fatalError("\(conversation.name): the session does not pass what it should")
    }
    return session
}

func measure(_ conversation: Conversation) -> Cost {
    let session = open(conversation)
    run(conversation, session, times: 5_000)
    let (calls, batches) = (2_000, 21)
    var times: [Double] = []
    let clock = ContinuousClock()
    let (allocations, instructions) = (counters_allocations(), counters_instructions())
    for _ in 0..<batches {
        let time = clock.measure { run(conversation, session, times: calls) }
        times.append(Double(time.components.attoseconds) / 1e9 / Double(calls))
    }
    let total = Double(calls * batches)
    return Cost(
        nanoseconds: times.sorted()[batches / 2],
        instructions: Double(counters_instructions() - instructions) / total,
        allocations: Double(counters_allocations() - allocations) / total)
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

if let flag = CommandLine.arguments.firstIndex(of: "--loop"), flag + 1 < CommandLine.arguments.count {
    let name = CommandLine.arguments[flag + 1]
    guard let conversation = Conversation.all.first(where: { $0.name == name }) else { fatalError("no \(name)") }
    let session = open(conversation)
    while true { run(conversation, session, times: 1_000_000) }
}

print(padded("a point query", 22) + padded("ns", 10) + padded("instructions", 14) + "allocations")
var rows: [BenchmarkRow] = []
for conversation in Conversation.all {
    let cost = measure(conversation)
    print(
        padded(conversation.name, 22) + padded("\(Int(cost.nanoseconds))", 10) + padded("\(Int(cost.instructions))", 14)
            + "\((cost.allocations * 10).rounded() / 10)")
    rows.append(
        BenchmarkRow("a point query in the session machine, \(conversation.name)", ours: cost.nanoseconds, unit: "ns"))
    rows.append(BenchmarkRow("allocations of it, \(conversation.name)", ours: cost.allocations, unit: "allocations"))
}
try rows.writeWhereAsked()
