// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the project's own graph has nothing that only benchmarks need. Run with
// `swift run -c release --package-path Benchmarks decision-bench`.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "stile-benchmarks",
    dependencies: [
        .package(name: "stile", path: ".."),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        .target(name: "BenchmarkRows", swiftSettings: settings),
        .executableTarget(
            name: "decision-bench", dependencies: ["BenchmarkRows", .product(name: "Policy", package: "stile")],
            swiftSettings: settings),
        .systemLibrary(name: "CVectorscan", providers: [.apt(["libvectorscan-dev"])]),
        .executableTarget(
            name: "detector-bench",
            dependencies: [
                "BenchmarkRows", "CVectorscan", .product(name: "Policy", package: "stile"),
                .product(name: "PolicyCompiler", package: "stile"),
            ],
            swiftSettings: settings),
        .target(name: "CCounters"),
        .executableTarget(
            name: "session-bench",
            dependencies: [
                "BenchmarkRows", "CCounters", .product(name: "Policy", package: "stile"),
                .product(name: "PolicyCompiler", package: "stile"), .product(name: "PostgresWire", package: "stile"),
                .product(name: "SQLInspection", package: "stile"), .product(name: "Records", package: "stile"),
                .product(name: "Enforcement", package: "stile"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "record-bench",
            dependencies: [
                "BenchmarkRows", "CCounters", .product(name: "Records", package: "stile"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "ingest-bench",
            dependencies: [
                "BenchmarkRows", .product(name: "Collector", package: "stile"),
                .product(name: "Records", package: "stile"), .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "http-bench",
            dependencies: [
                "BenchmarkRows", "CCounters", .product(name: "HTTPInspection", package: "stile"),
                .product(name: "WireBytes", package: "stile"), .product(name: "Enforcement", package: "stile"),
                .product(name: "Policy", package: "stile"), .product(name: "PolicyCompiler", package: "stile"),
            ],
            swiftSettings: settings),
        // What the built-in detectors find, for Benchmarks/detectors.
        .executableTarget(
            name: "detector-eval",
            dependencies: [
                .product(name: "Policy", package: "stile"), .product(name: "PolicyCompiler", package: "stile"),
            ],
            swiftSettings: settings),
    ]
)
