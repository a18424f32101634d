import Glibc

/// Reads a policy's files: a file, or a directory of `*.yaml` and `*.yml`.
public enum PolicyDirectory {
    /// Why files could not be read.
    public struct ReadError: Error, Hashable, Sendable, CustomStringConvertible {
        public enum Code: Hashable, Sendable {
            case notFound
            case unreadable
            /// The directory holds no YAML.
            case empty
        }

        public var code: Code
        public var description: String
    }

    /// - Returns: the files sorted by name, each named by its path as `path` spells it.
    /// - Throws: ``ReadError`` when anything cannot be read; a policy is never read in part.
    ///
    /// Hidden files are skipped. A ConfigMap's volume is a `..data` symlink that is swapped in one step, and links
    /// through it: the files are read behind that link, resolved once, so that none is of another version than the rest.
    public static func read(_ path: String) throws(ReadError) -> [PolicySource] {
        guard let kind = kind(of: path) else { throw failure("read", path) }
        guard kind == S_IFDIR else { return [try file(path, named: path)] }
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        let data = resolved("\(base)/..data")
        let folder = data ?? base
        let names = try entries(of: folder).filter { name in
            !name.hasPrefix(".") && (name.hasSuffix(".yaml") || name.hasSuffix(".yml"))
        }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard !names.isEmpty else {
            throw ReadError(code: .empty, description: "\(path): the directory holds no *.yaml or *.yml file")
        }
        var files: [PolicySource] = []
        for name in names {
            let kind = Self.kind(of: "\(folder)/\(name)")
            if kind == S_IFDIR { continue }
            // A link to nothing is a fault too: something that was meant to be there is missing.
            guard kind == S_IFREG else {
                throw ReadError(code: .unreadable, description: "\(base)/\(name): it is no regular file")
            }
            files.append(try file("\(folder)/\(name)", named: "\(base)/\(name)"))
        }
        return files
    }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func entries(of folder: String) throws(ReadError) -> [String] {
        guard let directory = unsafe opendir(folder) else { throw failure("list", folder) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// One byte more than the compiler takes is read of a file at the most, so that it can say that there is too much.
    private static func file(_ path: String, named name: String) throws(ReadError) -> PolicySource {
        // A pipe that nobody writes to would keep an ordinary open waiting for ever.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= YAMLLimits.maximumFileBytes {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return PolicySource(name: name, bytes: bytes)
    }

    private static func failure(_ what: String, _ path: String) -> ReadError {
        let code = errno
        let reason = unsafe String(cString: strerror(code))
        return ReadError(
            code: code == ENOENT || code == ENOTDIR ? .notFound : .unreadable,
            description: "\(path): cannot \(what) it: \(reason)")
    }
}
