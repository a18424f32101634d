import HTTPInspection
import Policy

/// Masks opened content: sees by its beginning what it is, and then takes it as that.
struct ContentMasking: BodyPass {
    private var maker: BodyPassMaker
    private let mediaType: MediaType?
    private var beginning: [UInt8] = []
    private var pass: (any BodyPass)?
    /// Why it is not looked into, once that is known.
    private(set) var opacity: BodyReading.Opacity?

    var modelUse: ModelUse? { pass?.modelUse }

    /// Whether what it lists is counted, and how.
    private let isCounted: Bool
    private var counter: RowCounter?
    /// The same of what it looks like besides.
    private var alternative: RowCounter?
    private var counted: UInt64 = 0
    private(set) var isUncountable = false

    /// - Parameters:
    ///   - name: of a part of a form.
    ///   - isCounted: whether budgets count what it lists.
    init(_ mediaType: MediaType?, _ maker: BodyPassMaker, name: [UInt8] = [], isCounted: Bool = false) {
        self.mediaType = mediaType
        self.isCounted = isCounted
        self.maker = maker
        self.maker.name = name
        self.maker.mediaType = mediaType
    }

    /// Bytes that tell what it is. An event shall not wait for the next one: that it is text in UTF-8 is seen at its first bytes.
    private var needed: Int {
        mediaType?.type == "text" && mediaType?.subtype == "event-stream" ? 4 : BodyReading.window
    }

    mutating func take(
        _ bytes: Span<UInt8>, into output: inout [UInt8], _ found: inout BodyFindings
    ) throws(BodyRefusal) {
        var rest = 0
        if pass == nil {
            rest = min(bytes.count, needed - beginning.count)
            beginning.append(bytes, 0..<rest)
            guard beginning.count >= needed else { return }
            try choose(into: &output, &found)
        }
        guard rest < bytes.count else { return }
        count(bytes.extracting(rest..<bytes.count))
        try pass?.take(bytes.extracting(rest..<bytes.count), into: &output, &found)
        noteOpacity()
    }

    mutating func finish(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        if pass == nil {
            // An empty body is nobody's: HEAD's, or a PUT of nothing.
            guard !beginning.isEmpty else { return }
            try choose(into: &output, &found)
        }
        counter?.finish()
        alternative?.finish()
        try pass?.finish(into: &output, &found)
        noteOpacity()
    }

    private mutating func choose(into output: inout [UInt8], _ found: inout BodyFindings) throws(BodyRefusal) {
        let reading = BodyReading(mediaType, beginning: beginning.span)
        if case .opaque(let why) = reading.form { opacity = why }
        if isCounted {
            counter = RowCounter(reading.form, isModel: maker.model != nil)
            alternative = reading.alternative.flatMap { RowCounter($0, isModel: false) }
            isUncountable = counter == nil
            let beginning = beginning
            count(beginning.span)
        }
        var chosen = try maker.pass(for: reading)
        try chosen.take(beginning.span, into: &output, &found)
        beginning = []
        pass = chosen
        noteOpacity()
    }

    /// What it lists that was not taken yet.
    mutating func takeRows() -> UInt64 {
        let rows = max(counter?.rows ?? 0, alternative?.rows ?? 0)
        defer { counted = max(counted, rows) }
        return rows > counted ? rows - counted : 0
    }

    private mutating func count(_ bytes: Span<UInt8>) {
        guard isCounted else { return }
        counter?.take(bytes)
        alternative?.take(bytes)
    }

    /// What a part is, the whole is.
    private mutating func noteOpacity() {
        if opacity == nil { opacity = pass?.opacity }
    }
}
