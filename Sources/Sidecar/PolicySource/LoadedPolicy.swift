import Crypto
import Policy
import PolicyCompiler

/// A policy that may take over: read, checked, laid out.
struct LoadedPolicy: Sendable {
    let bundle: PolicyBundle
    /// One line each, for the log.
    let warnings: [String]

    /// Reads what is at `path`: a directory of YAML, one YAML file, or a compiled bundle.
    ///
    /// - Throws: ``SidecarError``: `noInput` when there is nothing to read, `config` with every diagnostic when it
    ///   is no policy.
    static func load(path: String) throws(SidecarError) -> LoadedPolicy {
        guard let stamp = FileStamp(path: path) else {
            throw SidecarError(
                .noInput, "\(path): there is no policy here; name a directory of YAML or a bundle with --policy.")
        }
        if stamp.isDirectory || path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            return try compile(path)
        }
        return try read(path)
    }

    private static func compile(_ path: String) throws(SidecarError) -> LoadedPolicy {
        do {
            let compiled = try PolicyCompiler.compile(path: path)
            return LoadedPolicy(
                bundle: try PolicyBundle(validating: compiled.bundle), warnings: compiled.warnings.map(\.description))
        } catch let faults as PolicyFaults {
            throw SidecarError(
                .config, "\(path): the policy does not compile.", details: faults.diagnostics.map(\.description))
        } catch let error as PolicyDirectory.ReadError {
            throw SidecarError(.noInput, error.description)
        } catch {
            throw SidecarError(.config, "\(path): the policy does not compile: \(error)")
        }
    }

    // The bytes are copied rather than mapped: a file that is overwritten in place, as `cp` does, would change under
    // a mapping that was validated before.
    private static func read(_ path: String) throws(SidecarError) -> LoadedPolicy {
        let bytes = try readFile(path, what: "a compiled policy", maximumBytes: 256 << 20)
        let bundle: PolicyBundle
        do {
            bundle = try PolicyBundle(validating: bytes)
        } catch {
            throw SidecarError(
                .config, "\(path): this bundle cannot be used: \(error). Compile it again with 'stile policy compile'.")
        }
        guard Array(SHA256.hash(data: bundle.digestedBytes)) == bundle.digest else {
            throw SidecarError(
                .config,
                "\(path): the bundle's digest does not agree with its contents. "
                    + "Compile it again with 'stile policy compile'.")
        }
        return LoadedPolicy(bundle: bundle, warnings: [])
    }
}

/// `sha256:` and the digest in hexadecimal.
func digestText(_ digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("sha256:".utf8)
    for byte in digest {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
