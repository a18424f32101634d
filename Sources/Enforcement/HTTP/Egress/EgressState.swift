import HTTPInspection
import Policy

/// What a session through a forward proxy keeps besides what every session over HTTP keeps.
struct EgressState {
    /// The CONNECT whose TLS is opened here: everything on this connection is for its host from then on.
    var opened: Opened?
    /// Where the upstream's connection goes, or is to go.
    var linked: HTTPDestination?
    /// That is none of the internet's, which policy vouched for when it was made.
    var isLinkPrivate = false

    struct Opened {
        let destination: HTTPDestination
        let addresses: [IPAddress]
        /// One of them is none of the internet's, which policy vouched for.
        let isPrivate: Bool
    }
}

/// A tunnel that is not looked into but for whom it is for.
struct EgressTunnel {
    enum Stage {
        /// The client's first bytes are held until they say for whom they are.
        case hello
        /// They are on their way; what follows them waits for the server, which may ask for another hello.
        case answer
        /// The server has asked.
        case secondHello
        case open
    }

    var stage = Stage.hello
    /// What the server said first, as long as it does not tell whether it wants another hello.
    var answer: [UInt8] = []
    /// What went to the server.
    var sentBytes: UInt64 = 0
}
