import Sidecar

/// The variables by which programs find a forward proxy, and whom they trust behind it.
enum ProxyEnvironment {
    /// - Parameters:
    ///   - trustFile: Where the sidecar writes whom to trust; `nil`: nothing is opened, or the programs are told otherwise.
    ///   - token: Says who asks; `nil`: the resource has a file of its own for that.
    ///   - javaOptions: What `JAVA_TOOL_OPTIONS` holds already.
    static func variables(
        address: String, trustFile: String?, token: String?, javaOptions: String?
    ) -> [String: String] {
        // A token is made of letters that a URL may have; anything else would end the user's name.
        let isPlain = token?.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~".utf8.contains(byte)
        }
        let user = isPlain == true ? token.map { "agent:\($0)@" } ?? "" : ""
        let url = "http://\(user)\(address)"
        var variables: [String: String] = [:]
        // curl reads http_proxy in small letters alone, since CGI makes HTTP_PROXY of a field of a request.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            variables[name] = url
            variables[name.lowercased()] = url
        }
        // The other resources are on this machine.
        for name in ["NO_PROXY", "no_proxy"] { variables[name] = "localhost,127.0.0.1,::1" }
        variables["NODE_USE_ENV_PROXY"] = "1"
        let options = ([javaOptions ?? ""] + java(address: address, trustFile: trustFile)).filter { !$0.isEmpty }
        variables["JAVA_TOOL_OPTIONS"] = options.joined(separator: " ")
        guard let trustFile else { return variables }
        for name in [
            "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO",
            "PIP_CERT", "AWS_CA_BUNDLE",
        ] { variables[name] = trustFile }
        return variables
    }

    /// What Java is told. A token is not among it: every Java program begins by printing these options.
    private static func java(address: String, trustFile: String?) -> [String] {
        let colon = address.lastIndex(of: ":") ?? address.endIndex
        let host = address[..<colon].filter { !"[]".contains($0) }
        var options: [String] = []
        for scheme in ["http", "https"] {
            options += ["-D\(scheme).proxyHost=\(host)", "-D\(scheme).proxyPort=\(address[colon...].dropFirst())"]
        }
        guard let trustFile else { return options }
        let store = JavaTrustStore.path(beside: trustFile)
        // Options end at white space, but not between quotes.
        let quote = store.contains("\"") ? "'" : "\""
        let isPlain = !store.contains { $0.isWhitespace || "'\"".contains($0) }
        return options + [
            "-Djavax.net.ssl.trustStore=\(isPlain ? store : quote + store + quote)",
            "-Djavax.net.ssl.trustStoreType=JKS",
        ]
    }
}
