import Testing
import WireBytes

@testable import HTTPInspection

/// What a decoder makes of a stream, with the pieces of each body put together.
enum Event: Equatable {
    case request(HTTPRequestHead, HTTPBodyFraming)
    case interim(HTTPResponseHead)
    case response(HTTPResponseHead, HTTPBodyFraming)
    case body([UInt8])
    case trailers(HTTPFields)
    case end
}

struct Reading: Equatable {
    var events: [Event] = []
    var error: HTTPError?
    /// What the decoder did not take.
    var rest: [UInt8] = []

    mutating func add(body: some Collection<UInt8>) {
        if case .body(let before) = events.last {
            events[events.count - 1] = .body(before + body)
        } else {
            events.append(.body(Array(body)))
        }
    }

    var heads: [HTTPRequestHead] {
        events.compactMap { if case .request(let head, _) = $0 { head } else { nil } }
    }

    var bodies: [String] {
        events.compactMap { if case .body(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
    }

    var ends: Int { events.filter { $0 == .end }.count }
}

func read(requests stream: [UInt8], pieces: Int) -> Reading {
    var decoder = HTTP1RequestDecoder()
    var input = InputBuffer()
    var reading = Reading()
    var offset = 0
    do throws(HTTPError) {
        repeat {
            let end = min(offset + pieces, stream.count)
            input.append(stream[offset..<end])
            offset = end
            while let part = try decoder.next(in: &input) {
                switch part {
                case .head(let head, let framing): reading.events.append(.request(head, framing))
                case .body(let range): reading.add(body: input.bytes[range])
                case .trailers(let fields): reading.events.append(.trailers(fields))
                case .end: reading.events.append(.end)
                }
            }
        } while offset < stream.count
        reading.rest = Array(input.bytes[input.range])
        try decoder.end(input)
    } catch {
        reading.error = error
        reading.rest = []
    }
    return reading
}

func read(responses stream: [UInt8], to kinds: [HTTPRequestKind], pieces: Int) -> Reading {
    var decoder = HTTP1ResponseDecoder()
    for kind in kinds { decoder.expect(kind) }
    var input = InputBuffer()
    var reading = Reading()
    var offset = 0
    func take(_ part: HTTPResponsePart) {
        switch part {
        case .interim(let head): reading.events.append(.interim(head))
        case .head(let head, let framing): reading.events.append(.response(head, framing))
        case .body(let range): reading.add(body: input.bytes[range])
        case .trailers(let fields): reading.events.append(.trailers(fields))
        case .end: reading.events.append(.end)
        }
    }
    do throws(HTTPError) {
        repeat {
            let end = min(offset + pieces, stream.count)
            input.append(stream[offset..<end])
            offset = end
            while let part = try decoder.next(in: &input) { take(part) }
        } while offset < stream.count
        if let part = try decoder.end(in: &input) { take(part) }
        reading.rest = Array(input.bytes[input.range])
    } catch {
        reading.error = error
    }
    return reading
}

/// Reads a stream whole, byte by byte and in pieces between, and fails where that makes a difference.
func verified(requests text: String, _ location: SourceLocation = #_sourceLocation) -> Reading {
    let stream = Array(text.utf8)
    let whole = read(requests: stream, pieces: max(1, stream.count))
    for pieces in [1, 2, 3, 7, 64] {
        #expect(read(requests: stream, pieces: pieces) == whole, "pieces of \(pieces)", sourceLocation: location)
    }
    return whole
}

func verified(
    responses text: String, to kinds: [HTTPRequestKind] = [.ordinary], _ location: SourceLocation = #_sourceLocation
) -> Reading {
    let stream = Array(text.utf8)
    let whole = read(responses: stream, to: kinds, pieces: max(1, stream.count))
    for pieces in [1, 2, 3, 7, 64] {
        #expect(
            read(responses: stream, to: kinds, pieces: pieces) == whole, "pieces of \(pieces)", sourceLocation: location
        )
    }
    return whole
}

extension HTTPFields {
    func text(_ name: String) -> String? { first(named: name).map { String(decoding: $0, as: UTF8.self) } }
}

func fields(_ pairs: KeyValuePairs<String, String>) throws -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in pairs { try fields.append(name, value) }
    return fields
}
