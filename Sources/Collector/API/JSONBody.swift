import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// JSON in and out, the same way everywhere: sorted keys, so that two answers can be compared.
enum JSONBody {
    /// A reason and a few names: no body is larger.
    static let maximumSize = 64 << 10

    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encode(value))))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from request: Request) async throws -> Value {
        if let type = request.headers[.contentType], !type.lowercased().hasPrefix("application/json") {
            throw Problem(
                status: .unsupportedMediaType, title: "Unsupported media type",
                detail: "the body is read as application/json")
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: maximumSize)
        } catch is NIOTooManyBytesError {
            throw Problem(
                status: .contentTooLarge, title: "Too large", detail: "a body has at most \(maximumSize) bytes")
        }
        // A decision without a reason may come without a body.
        let data = buffer.readableBytes == 0 ? Data("{}".utf8) : Data(buffer.readableBytesView)
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let DecodingError.keyNotFound(key, _) {
            throw Problem.badRequest("the body lacks \"\(key.stringValue)\"")
        } catch let DecodingError.typeMismatch(_, context) {
            throw Problem.badRequest("\"\(context.path)\" is of another type than expected")
        } catch let DecodingError.valueNotFound(_, context) {
            throw Problem.badRequest("\"\(context.path)\" has no value")
        } catch let DecodingError.dataCorrupted(context) where !context.codingPath.isEmpty {
            throw Problem.badRequest("\"\(context.path)\": \(context.debugDescription)")
        } catch {
            throw Problem.badRequest("the body is not JSON")
        }
    }
}

extension DecodingError.Context {
    fileprivate var path: String { codingPath.map(\.stringValue).joined(separator: ".") }
}
