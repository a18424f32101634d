import Foundation
import TestKit
import Testing

/// What clients get of a service through a sidecar that looks for nothing is what they get of it directly.
@Suite("Clients of HTTP", .serialized)
struct HTTPClientTests {
    private static let policy = """
        \(StileStack.head("clients"))
        resources:
          api: { protocol: http, listen: "127.0.0.1:{{listen}}", upstream: "http://127.0.0.1:{{service}}" }
        rules:
          - { name: everything, allow: ["*"], on: [api], to: { groups: [everyone] } }
        """

    @Test("requests, aiohttp and Node's fetch: ranges, uploads and streams") func unchanged() async throws {
        let port = try LoopbackPort()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients"
        let service = try Command([Products.python, folder + "/plain_service.py", "\(port.number)"])
        let stack = try await StileStack(
            policy: ["policy.yaml": Self.policy], withCollector: false, values: ["service": "\(port.number)"])
        try await eventually("the service answers") {
            try await StileStack.get(port: port.number, path: "/none") != nil
        }
        let token = try await stack.token()
        for client in [[Products.python, folder + "/plain_clients.py"], ["node", folder + "/plain_client.js"]] {
            var outputs: [String] = []
            for target in [port.number, stack.port] {
                let result = try await Command.run(
                    client + ["http://127.0.0.1:\(target)"], environment: ["TOKEN": token], within: .seconds(60))
                #expect(result.status == 0, "\(client.last ?? ""): \(result.errors.suffix(2_000))")
                outputs.append(result.output)
            }
            #expect(outputs[0] == outputs[1])
            #expect(outputs[0].count > 2_000)
        }
        try await stack.stopAll()
        try await service.stop()
    }
}
