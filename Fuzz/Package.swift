// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it is built with sanitizers. Run it with `dev/fuzz`. What it runs stands in Tests/FuzzHarnesses, so
// that ordinary tests run it too.

let package = Package(
    name: "stile-fuzz",
    dependencies: [.package(name: "stile", path: "..")],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .executableTarget(
            name: "fuzz", dependencies: ["CLibFuzzer", .product(name: "FuzzHarnesses", package: "stile")],
            swiftSettings: [.swiftLanguageMode(.v6)],
            // gold does not know what the sanitizers' sections hold.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
)
