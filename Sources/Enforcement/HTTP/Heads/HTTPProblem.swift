import HTTPInspection

/// What a client gets in place of an answer: a problem document (RFC 9457) with the operator's message and the record's id.
struct HTTPProblem {
    var status: Int
    var detail: String
    var hint: String?
    var record: String?
    var approval = ""

    /// Writes the whole response.
    func write(answering kind: HTTPRequestKind, closes: Bool, into output: inout [UInt8]) {
        let body = Array(document.utf8)
        output.append(contentsOf: "HTTP/1.1 \(status) \(HTTPStatus.reason(of: status))\r\n".utf8)
        output.append(contentsOf: "Content-Type: application/problem+json\r\nCache-Control: no-store\r\n".utf8)
        if status == 401 { output.append(contentsOf: "WWW-Authenticate: Bearer realm=\"stile\"\r\n".utf8) }
        if status == 407 {
            output.append(
                contentsOf:
                    "Proxy-Authenticate: Basic realm=\"stile\"\r\nProxy-Authenticate: Bearer realm=\"stile\"\r\n".utf8)
        }
        if status == 405 { output.append(contentsOf: "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n".utf8) }
        if closes { output.append(contentsOf: "Connection: close\r\n".utf8) }
        output.append(contentsOf: "Content-Length: \(body.count)\r\n\r\n".utf8)
        if kind != .head { output.append(contentsOf: body) }
    }

    private var document: String {
        var members = [
            "\"type\":\"about:blank\"", "\"title\":\(HTTPProblem.quoted(HTTPStatus.reason(of: status)))",
            "\"status\":\(status)", "\"detail\":\(HTTPProblem.quoted(detail))",
        ]
        if let hint { members.append("\"hint\":\(HTTPProblem.quoted(hint))") }
        if let record { members.append("\"record\":\(HTTPProblem.quoted(record))") }
        if !approval.isEmpty { members.append("\"approval\":\(HTTPProblem.quoted(approval))") }
        return "{\(members.joined(separator: ","))}\n"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// The words of RFC 9110 for a status. A server's own words would carry anything, so they do not go on.
enum HTTPStatus {
    static func reason(of status: Int) -> String {
        reasons[status] ?? ""
    }

    private static let reasons = [
        100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints", 200: "OK", 201: "Created",
        202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content", 205: "Reset Content",
        206: "Partial Content", 207: "Multi-Status", 208: "Already Reported", 226: "IM Used", 300: "Multiple Choices",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
        417: "Expectation Failed", 421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked",
        424: "Failed Dependency", 425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
    ]
}
