import Observability

/// The version that `--version`, the collector and the records see.
public enum SidecarVersion {
    public static let current = ProductVersion.current
}
