/// What `--version` of every program says, and records and the collector see.
public enum ProductVersion {
    public static let current = "0.1.0"
}
