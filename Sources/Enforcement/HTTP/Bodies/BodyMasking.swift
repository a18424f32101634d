public import HTTPInspection
import Policy

/// Masks one body as it streams, in bounded memory; sans-IO. What is looked for in it is found whatever the pieces in which it comes.
///
/// ```swift
/// var body = BodyMasking(contentType: try head.fields.mediaType(), contentEncoding: try head.fields.contentCodings(), plan: plan)
/// try body.take(bytes, into: &output)
/// try body.finish(into: &output)
/// ```
///
/// The masked body has no content coding where ``opensCoding`` says so, and another length.
public struct BodyMasking: ~Copyable {
    /// Why a body is not looked into.
    public enum Opacity: Hashable, Sendable {
        /// A content coding that is not opened here.
        case coding
        /// A charset other than UTF-8.
        case charset
        /// Images, archives, programs, and what says that it is such.
        case binary
    }

    private var decoder: ContentDecoder?
    private var content: ContentMasking?
    private var opened: [UInt8] = []
    private var isFinished = false
    private var isBegun = false
    private var failure: BodyRefusal?

    /// What was masked so far.
    public var found: BodyFindings { findings }
    private var findings = BodyFindings()

    /// Why the body is not looked into; nil for one that is, and while that is not known. The caller denies what is opaque, unless policy
    /// vouches for it: its bytes are given as they are (of a part that is opaque, the part's). Ask before each release of what was given.
    public private(set) var opacity: Opacity?

    /// Of a model's answer, what it says of itself.
    var modelUse: ModelUse? { content?.modelUse }

    /// Whether the body is not looked into.
    public var isOpaque: Bool { opacity != nil }

    /// Whether what is given has no content coding any more: it was opened.
    public let opensCoding: Bool

    /// - Parameters:
    ///   - contentType: what the body says it is; nil where it says nothing.
    ///   - contentEncoding: the codings that were applied, in that order, in lower case.
    ///   - plan: what is looked for. Where that is nothing, bodies pass as they are, codings and all.
    public init(contentType: MediaType?, contentEncoding: [String], plan: BodyMaskingPlan) {
        guard let scanner = plan.scanner, let masking = plan.masking() else {
            opensCoding = false
            return
        }
        do throws(HTTPError) {
            let decoder = try ContentDecoder(contentEncoding)
            opensCoding = !decoder.isIdentity
            if opensCoding { self.decoder = consume decoder }
        } catch {
            opensCoding = false
            opacity = .coding
            return
        }
        content = ContentMasking(
            contentType, BodyPassMaker(scanner: scanner, masking: masking, model: plan.model),
            isCounted: plan.isCounted)
    }

    /// Takes what came of the body.
    ///
    /// - Parameter output: what is given of it is appended. Of JSON and text that is up to 65 KiB behind what came, and where one value is
    ///   longer, up to 1 MiB; of XML it is all at the end.
    /// - Throws: for what cannot be masked: what is not what it says, has two readings, or is too long. The same again ever after. What
    ///   was given until then is masked, and may have left.
    public mutating func take(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal) {
        if let failure { throw failure }
        if bytes.count > 0 { isBegun = true }
        guard content != nil else {
            output.append(bytes, 0..<bytes.count)
            return
        }
        do throws(BodyRefusal) {
            if opensCoding {
                try open(bytes, into: &output)
            } else {
                try content?.take(bytes, into: &output, &findings)
            }
            noteOpacity()
        } catch {
            failure = error
            throw error
        }
    }

    /// Tells that nothing more comes.
    public mutating func finish(into output: inout [UInt8]) throws(BodyRefusal) {
        if let failure { throw failure }
        guard !isFinished else { return }
        isFinished = true
        do throws(BodyRefusal) {
            // Of no bytes at all nothing was coded: servers say so all the same.
            do throws(HTTPError) { if isBegun { try decoder?.finish() } } catch { throw BodyRefusal(error) }
            try content?.finish(into: &output, &findings)
            noteOpacity()
        } catch {
            failure = error
            throw error
        }
    }

    /// What is given that budgets count, since this was last asked.
    public mutating func takeShown() -> ShownContent {
        ShownContent(
            rows: content?.takeRows() ?? 0, values: findings.takeShown(),
            isUncountable: isOpaque || content?.isUncountable == true)
    }

    private mutating func open(_ bytes: Span<UInt8>, into output: inout [UInt8]) throws(BodyRefusal) {
        var position = 0
        var opened: [UInt8] = []
        swap(&opened, &self.opened)
        while true {
            opened.removeAll(keepingCapacity: true)
            let step: ContentDecoder.Step?
            do throws(HTTPError) {
                step = try decoder?.decode(bytes.extracting(position..<bytes.count), into: &opened)
            } catch {
                throw BodyRefusal(error)
            }
            guard let step else { break }
            position += step.taken
            try content?.take(opened.span, into: &output, &findings)
            if step.isDrained { break }
        }
        self.opened = opened
    }

    private mutating func noteOpacity() {
        guard opacity == nil, let why = content?.opacity else { return }
        opacity = why == .charset ? .charset : .binary
    }
}
