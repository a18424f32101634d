/// What tells one state of a policy's files from the next, without reading them.
///
/// A ConfigMap's volume changes in one step, by the swap of `..data`; every file in it is a link through that, so that
/// following the links shows the swap. A directory that is edited by hand shows by its files.
struct PolicyStamp: Hashable, Sendable {
    private var root: FileStamp?
    private var data: FileStamp?
    private var files: [String: FileStamp?] = [:]

    init(path: String) {
        root = FileStamp(path: path)
        guard root?.isDirectory == true else { return }
        data = FileStamp(path: "\(path)/..data")
        let names = (try? listDirectory(path, what: "a policy")) ?? []
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            files[name] = .some(FileStamp(path: "\(path)/\(name)"))
        }
    }
}
