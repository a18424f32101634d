import HTTPTypes
import Hummingbird

/// An error of the audit API: a problem document (RFC 9457), with nothing in it that the caller may not know.
struct Problem: HTTPResponseError {
    var status: HTTPResponse.Status
    var title: String
    var detail: String?
    var headers: HTTPFields = [:]

    static func badRequest(_ detail: String) -> Problem {
        Problem(status: .badRequest, title: "The request makes no sense", detail: detail)
    }

    static func notFound(_ detail: String) -> Problem {
        Problem(status: .notFound, title: "Not found", detail: detail)
    }

    static func conflict(_ detail: String) -> Problem {
        Problem(status: .conflict, title: "Decided already", detail: detail)
    }

    static func forbidden(_ detail: String) -> Problem {
        Problem(status: .forbidden, title: "Not allowed", detail: detail)
    }

    static func unauthorized(_ detail: String) -> Problem {
        // RFC 6750 §3: which scheme, and that it is the token's fault if there was one.
        Problem(
            status: .unauthorized, title: "A valid token is needed", detail: detail,
            headers: [.wwwAuthenticate: "Bearer realm=\"stile\""])
    }

    static func unavailable(_ detail: String) -> Problem {
        Problem(
            status: .serviceUnavailable, title: "Not available for now", detail: detail,
            headers: [.retryAfter: "2"])
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        let view = ProblemView(title: title, status: status.code, detail: detail)
        var response = try JSONBody.response(view, status: status)
        response.headers[.contentType] = "application/problem+json"
        for field in headers { response.headers.append(field) }
        return response
    }
}
