import Enforcement
import Glibc
import Logging
import Policy
import Synchronization

/// What tools were when they were first listed, and when they were last: for all sessions of the process and beyond its end.
///
/// The file `.tools` beside the spool is only appended to, a line for each change: fingerprint, resource, and the tool's name as a string of
/// JSON, tabs between them. The first line of a tool is what it is pinned to, the last what it is now. It is written anew, with these two
/// of each, when it has grown to four times that. To pin a tool anew an operator stops the sidecar and deletes its lines, or says the
/// fingerprint under `toolPins`.
final class ToolStore: ToolPinning {
    /// Tools that are kept in all; a server that makes names up pins no more, and what is not pinned counts as changed.
    static let maximumTools = 16_384
    private static let compactedFrom = 1 << 20

    private struct Key: Hashable {
        var resource: [UInt8]
        var tool: [UInt8]
    }

    private struct State {
        var tools: [Key: (first: String, last: String)] = [:]
        var file: FileDescriptor
        var bytes = 0
        var hasFailed = false
    }

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter directory: The spool's, which belongs to one sidecar at a time.
    init(directory: String, logger: Logger) throws(SpoolError) {
        path = "\(directory)/.tools"
        self.logger = logger
        var state = State(file: try FileDescriptor(path: path, flags: O_RDWR | O_CREAT))
        let size = try SystemCall.size(of: state.file)
        let content = try SystemCall.read(state.file, from: 0, count: size)
        // Behind the last whole line: a write that was cut short was told to nobody.
        state.bytes = (content.lastIndex(of: 0x0A) ?? -1) + 1
        for line in content[..<state.bytes].split(separator: 0x0A) {
            let parts = line.split(separator: 0x09, omittingEmptySubsequences: false)
            guard parts.count == 3, let fingerprint = String(validating: parts[0], as: UTF8.self),
                let name = (try? ArgumentValue(json: Array(parts[2])))?.stringValue
            else {
                logger.error("a line of the tools' file cannot be read and is passed over")
                continue
            }
            let key = Key(resource: Array(parts[1]), tool: Array(name.utf8))
            state.tools[key] = (state.tools[key]?.first ?? fingerprint, fingerprint)
        }
        self.state = Mutex(state)
    }

    func note(_ fingerprint: String, of tool: String, resource: String) -> String? {
        let key = Key(resource: Array(resource.utf8), tool: Array(tool.utf8))
        return state.withLock { state -> String? in
            let known = state.tools[key]
            if known?.last == fingerprint { return known?.first }
            guard known != nil || state.tools.count < Self.maximumTools else { return nil }
            if state.bytes > Self.compactedFrom { compact(&state) }
            guard append(Self.line(fingerprint, key), to: &state) else { return nil }
            state.tools[key] = (known?.first ?? fingerprint, fingerprint)
            if let known {
                logger.warning(
                    "a tool is another than it was",
                    metadata: ["resource": "\(resource)", "pinned": "\(known.first)", "now": "\(fingerprint)"])
            }
            return known?.first ?? fingerprint
        }
    }

    func seen(_ tool: String, resource: String) -> (first: String, last: String)? {
        state.withLock { $0.tools[Key(resource: Array(resource.utf8), tool: Array(tool.utf8))] }
    }

    private static func line(_ fingerprint: String, _ key: Key) -> [UInt8] {
        var line = Array(fingerprint.utf8)
        line.append(0x09)
        line += key.resource
        line.append(0x09)
        line += ArgumentValue.string(String(decoding: key.tool, as: UTF8.self)).json
        line.append(0x0A)
        return line
    }

    /// - Returns: whether it is in the file.
    private func append(_ line: [UInt8], to state: inout State) -> Bool {
        do throws(SpoolError) {
            try SystemCall.write(line, to: state.file, at: state.bytes)
            state.bytes += line.count
            state.hasFailed = false
            return true
        } catch {
            if !state.hasFailed {
                state.hasFailed = true
                logger.error("what tools are cannot be written", metadata: ["reason": "\(error)"])
            }
            return false
        }
    }

    private func compact(_ state: inout State) {
        let lines = state.tools.flatMap { key, seen in
            Self.line(seen.first, key) + (seen.first == seen.last ? [] : Self.line(seen.last, key))
        }
        guard lines.count * 4 < state.bytes else { return }
        do throws(SpoolError) {
            let temporary = path + ".new"
            let next = try FileDescriptor(path: temporary, flags: O_RDWR | O_CREAT | O_TRUNC)
            try SystemCall.write(lines, to: next, at: 0)
            try next.synchronize()
            guard rename(temporary, path) == 0 else { throw SystemCall.error("put \(temporary) in its place") }
            state.file = next
            state.bytes = lines.count
        } catch {
            logger.error("the tools' file cannot be written anew", metadata: ["reason": "\(error)"])
        }
    }
}
