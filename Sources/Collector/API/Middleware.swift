import HTTPTypes
import Hummingbird
import Logging

/// Turns what a route throws into a problem document, and counts answers.
struct ProblemMiddleware: RouterMiddleware {
    typealias Context = AuditContext
    let metrics: Metrics

    func handle(
        _ request: Request, context: AuditContext, next: (Request, AuditContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try Self.problem(for: error, request, context).response(from: request, context: context)
        }
        // Evidence is nobody's to embed, sniff or keep.
        response.headers[.xContentTypeOptions] = "nosniff"
        metrics.answered(status: response.status.code)
        return response
    }

    private static func problem(for error: any Error, _ request: Request, _ context: AuditContext) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let error as HTTPError where error.status == .notFound:
            return .notFound("there is nothing at \(request.method.rawValue) \(request.uri.path.prefix(200))")
        case let error as HTTPError:
            return Problem(status: error.status, title: error.status.reasonPhrase, detail: error.body)
        case is CancellationError:
            return .unavailable("the collector is stopping")
        default:
            // For the operator's log; the caller learns that it was not them.
            context.logger.error(
                "request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return Problem(
                status: .internalServerError, title: "The collector failed", detail: "its log says why")
        }
    }
}

/// Verifies the caller's token.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = AuditContext
    let authenticator: any Authenticator

    func handle(
        _ request: Request, context: AuditContext, next: (Request, AuditContext) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization] else {
            throw Problem.unauthorized("send Authorization: Bearer TOKEN")
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Problem.unauthorized("the Authorization header is not of the form Bearer TOKEN")
        }
        var context = context
        do {
            context.caller = try await authenticator.authenticate(String(parts[1]))
        } catch {
            context.logger.info("token refused", metadata: ["reason": "\(error.message)"])
            throw error.isTemporary ? Problem.unavailable(error.message) : Problem.unauthorized(error.message)
        }
        return try await next(request, context)
    }
}
