import Foundation

/// What goes to a person's terminal. Evidence holds text that an agent chose: it must not move the cursor, change
/// colours, or show itself in another order than it stands.
enum Terminal {
    /// The text with control characters and directional overrides made visible, on one line.
    static func safe(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\r", "\t": out.append(" ")
            case _ where isHidden(scalar): out.append("\u{FFFD}")
            default: out.append(scalar)
            }
        }
        return String(out)
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }

    /// Whether a person looks at standard output.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// A notice beside the output proper.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((safe(text) + "\n").utf8))
    }

    /// Writes a line at once, for output that somebody waits for.
    static func line(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
