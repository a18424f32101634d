/// What stands before a part's content in a multipart body (RFC 2046 §5.1, RFC 7578 §4).
public struct PartHead: Sendable, Equatable {
    public let fields: HTTPFields
    /// What the content is said to be; `text/plain` where nothing is said.
    public let mediaType: MediaType?
    /// Of a form's field.
    public let name: [UInt8]?
    /// That a file is said to have.
    public let fileName: [UInt8]?

    /// - Parameter isForm: In `multipart/form-data` every part has a name.
    /// - Throws: for what recipients read in different ways, and with 415 for a Content-Transfer-Encoding that changes the content.
    init(_ fields: HTTPFields, isForm: Bool) throws(HTTPError) {
        self.fields = fields
        mediaType = try fields.mediaType()
        for name in ["content-transfer-encoding", "content-encoding"] {
            for value in fields.all(named: name) {
                guard ["7bit", "8bit", "binary", "identity"].contains(value.lowercasedText) else {
                    throw HTTPError(.unsupportedCoding, status: 415, "a part with an encoding of its own")
                }
            }
        }
        let dispositions = fields.all(named: "content-disposition")
        guard dispositions.count <= 1, !isForm || dispositions.count == 1 else {
            throw HTTPError(.ambiguousBody, "a part with \(dispositions.count) Content-Dispositions")
        }
        var found: [String: [UInt8]] = [:]
        if let value = dispositions.first {
            var parameters = ParameterReader(value)
            let type = parameters.leading(until: UInt8(ascii: ";")).lowercasedText
            guard !isForm || type == "form-data" else {
                throw HTTPError(.malformedBody, "a form's part that is not form-data")
            }
            while let (name, value) = try parameters.next() {
                // RFC 7578 §4.2 forbids filename* in a form; who reads it reads another name.
                guard found.updateValue(value, forKey: name) == nil, !isForm || !name.hasSuffix("*") else {
                    throw HTTPError(.ambiguousBody, "a part with two names")
                }
            }
        }
        name = found["name"]
        fileName = found["filename"]
        guard !isForm || name != nil else { throw HTTPError(.malformedBody, "a form's part without a name") }
    }

    /// Whether content would be read by another head as it is by this one.
    func isRead(as other: PartHead) -> Bool {
        let names = (0..<fields.count).map { fields.name(at: $0).lowercasedText }
        let others = (0..<other.fields.count).map { other.fields.name(at: $0).lowercasedText }
        return names == others && mediaType == other.mediaType
    }
}
