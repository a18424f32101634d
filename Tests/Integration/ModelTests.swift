import Foundation
import TestKit
import Testing

/// Models' APIs behind a sidecar, by the packages that people use.
@Suite("Models", .serialized)
struct ModelTests {
    private static let policy = """
        \(StileStack.head("models"))
        resources:
          model:
            protocol: http
            listen: "127.0.0.1:{{listen}}"
            upstream: "http://127.0.0.1:{{service}}"
            profile: {{profile}}
            linkHosts: [docs.example.com]
        classifications:
          people: { detectors: [us-ssn, email], jsonKeys: [name], mask: redact, outbound: mask }
        rules:
          - { name: everything, allow: ["*"], on: [model], to: { groups: [everyone] } }
        record: { statements: masked, responses: masked }
        """

    private struct Said: Decodable {
        var what: String
        var text: String
        var arguments: String?
        var tokens: Int
    }

    @Test(
        "what goes out and what comes back is masked, in streams too, and links go nowhere but where policy says",
        arguments: ["openai", "anthropic"])
    func model(profile: String) async throws {
        let port = try LoopbackPort()
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Clients"
        let service = try Command([Products.python, folder + "/model_service.py", "\(port.number)"])
        // The tool's name is a key that policy names here, and would be masked as one.
        let policy = Self.policy.replacing("jsonKeys: [name]", with: "jsonKeys: [ssn]")
        let stack = try await StileStack(
            policy: ["policy.yaml": policy], values: ["service": "\(port.number)", "profile": profile])
        try await eventually("the service listens") {
            try await Command.run(["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:\(port.number)/"]).status == 0
        }
        let result = try await Command.run(
            [Products.python, folder + "/model_clients.py", profile, "http://127.0.0.1:\(stack.port)"],
            environment: ["TOKEN": try await stack.token()], within: .seconds(90))
        #expect(result.status == 0, "\(result.errors.suffix(3_000))")
        let said = try JSONDecoder().decode([Said].self, from: Data(result.output.utf8))
        #expect(said.count == (profile == "openai" ? 4 : 2))
        for answer in said {
            #expect(
                answer.text
                    == "Her number is [redacted], her mail [redacted]. ![chart](link-removed) More at "
                    + "[the docs](https://docs.example.com/a) and [here](link-removed).\n\nThat is all \u{2014} \u{1F600}.",
                "\(answer.what)")
            #expect(answer.tokens > 40)
            if let arguments = answer.arguments {
                #expect(
                    arguments.contains("[redacted]") && arguments.contains("Imogen")
                        && arguments.contains("https://docs.example.com/a") && !arguments.contains("june"),
                    "\(arguments)")
            }
        }
        // Nothing of what was asked left but masked.
        let heard = try String(contentsOfFile: service.outputFile, encoding: .utf8)
        #expect(heard.contains("Write to Ann, [redacted], please.") && !heard.contains("219-09"))
        let auditor = try await stack.auditToken(groups: ["auditors"])
        var page = ""
        let tag =
            profile == "openai" ? "200 model=stand-in-1 input=21 output=43" : "200 model=stand-in-3 input=41 output=63"
        try await eventually("the records are there") {
            page =
                try await StileStack.get(port: stack.httpPort, path: "/v1/records?limit=500", token: auditor)?.body
                ?? ""
            return page.components(separatedBy: tag).count > 2
        }
        #expect(page.contains("linkHosts") && !page.contains("283-68") && !page.contains("evil.example"))
        try await stack.stopAll()
        try await service.stop()
    }
}
