import Foundation
import Glibc

/// What this test process leaves behind is nothing, however it ends.
///
/// All temporary folders of a process lie in one, and all programs that it starts know that one's name. A second process, which
/// outlives this one (the end of a run, a crash, Ctrl-C), then ends the programs that still run and removes what
/// is still there. It is the last resort: a test ends what it starts. So what it finds is appended to the
/// file that `STILE_TEST_LEFTOVERS` names, and `dev/test` fails when that holds anything.
enum TestRun {
    /// In the environment of every program that a test starts.
    static let variable = "STILE_TEST_RUN"

    private static let started = Result { try start() }

    /// The folder of this process's folders.
    static func folder() throws -> String { try started.get() }

    private static func start() throws -> String {
        let path = NSTemporaryDirectory() + "stile-tests-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // The database server runs as a user of its own and must be able to enter.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)

        // Nobody writes to this pipe. Its end comes when this process, which alone has the other side, is no more.
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0 else {
            throw CommandFailed(description: "pipe: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let leftovers = ProcessInfo.processInfo.environment["STILE_TEST_LEFTOVERS"] ?? "/dev/null"
        // A session of its own: Ctrl-C is for the terminal's.
        let arguments = ["setsid", "sh", "-c", sweep, "stile-test-sweeper", path, leftovers, "\(variable)=\(path)"]
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var sweeper: pid_t = 0
        let failure = posix_spawnp(&sweeper, "setsid", &actions, nil, &pointers, environ)
        guard failure == 0 else {
            throw CommandFailed(description: "the sweeper: \(String(cString: strerror(failure)))")
        }
        return path
    }

    /// PostgreSQL writes over its environment, but works in its folder. What is killed may have children that were not seen: look again.
    private static let sweep = #"""
        cd /
        cat >/dev/null
        ls -A "$1" >>"$2"
        running() {
            grep -lzxF -- "$3" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
            find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1/*" 2>/dev/null | cut -d/ -f3
        }
        rounds=0
        while left=$(running "$@"); [ -n "$left" ] && [ $rounds -lt 50 ]; do
            for process in $left; do
                tr '\0' ' ' <"/proc/$process/cmdline" >>"$2" && echo >>"$2"
                kill -KILL "$process"
            done
            rounds=$((rounds + 1))
        done
        rm -rf "$1"
        """#
}
