/// What is fuzzed. Each harness takes any bytes, and throws when what must always be true was not; a trap, a hang or growth
/// is for whoever runs it to see.
///
/// `Fuzz/` runs them under libFuzzer; FuzzTests runs them over the committed corpus.
public enum Harness: String, CaseIterable, Sendable {
    case backendDecoder = "backend-decoder"
    case frontendDecoder = "frontend-decoder"
    case sessionMachine = "session-machine"
    case bundleReader = "bundle-reader"
    case policyCompiler = "policy-compiler"
    case statementInspector = "statement-inspector"
    case recordDecoder = "record-decoder"
    case http1Decoder = "http1-decoder"
    case httpSession = "http-session"
    case jsonWindows = "json-windows"
    case bodyMasking = "body-masking"
    case tlsHello = "tls-hello"
    case egressSession = "egress-session"
    case mcpMessage = "mcp-message"
    case modelAnswers = "model-answers"

    public func run(_ input: [UInt8]) throws(Violation) {
        switch self {
        case .backendDecoder: try BackendDecoderHarness.run(input)
        case .frontendDecoder: try FrontendDecoderHarness.run(input)
        case .sessionMachine: try SessionMachineHarness.run(input)
        case .bundleReader: try BundleReaderHarness.run(input)
        case .policyCompiler: try PolicyCompilerHarness.run(input)
        case .statementInspector: try StatementInspectorHarness.run(input)
        case .recordDecoder: try RecordDecoderHarness.run(input)
        case .http1Decoder: try HTTP1DecoderHarness.run(input)
        case .httpSession: try HTTPSessionHarness.run(input)
        case .jsonWindows: try JSONWindowsHarness.run(input)
        case .bodyMasking: try BodyMaskingHarness.run(input)
        case .tlsHello: try TLSHelloHarness.run(input)
        case .egressSession: try EgressSessionHarness.run(input)
        case .mcpMessage: try MCPMessageHarness.run(input)
        case .modelAnswers: try ModelAnswersHarness.run(input)
        }
    }
}

/// Something that must always be true was not.
public struct Violation: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    static func unless(_ condition: Bool, _ description: @autoclosure () -> String) throws(Violation) {
        if !condition { throw Violation(description()) }
    }
}
