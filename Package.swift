// swift-tools-version: 6.2
import PackageDescription

// Modules are levels, and an import points strictly downward: docs/design/architecture.md has the table, and
// dev/check-imports holds the code to it.

var settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]
// Warnings stop CI and never a person who builds with a newer compiler.
if Context.environment["CI"] != nil {
    settings.append(.treatAllWarnings(as: .error))
}
/// For modules that use C structures (`stat`, `timespec`) beside gRPC: several of the C modules behind it bring those with
/// their headers, and with MemberImportVisibility the compiler asks for whichever it met first, by the order of files.
let besideC = settings
settings.append(.enableUpcomingFeature("MemberImportVisibility"))
/// For the modules that see untrusted bytes: every unsafe construct is spelled out.
let strict = settings + [.strictMemorySafety()]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let grpc: [Target.Dependency] = [
    .product(name: "GRPCCore", package: "grpc-swift-2"),
    .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
    .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
]
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTP: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

let package = Package(
    name: "stile",
    products: [
        .executable(name: "stile", targets: ["stile"]),
        .executable(name: "stile-sidecar", targets: ["stile-sidecar"]),
        .executable(name: "stile-collector", targets: ["stile-collector"]),
        // For Benchmarks/, which is a package of its own.
        .library(name: "Policy", targets: ["Policy"]),
        .library(name: "PolicyCompiler", targets: ["PolicyCompiler"]),
        .library(name: "WireBytes", targets: ["WireBytes"]),
        .library(name: "PostgresWire", targets: ["PostgresWire"]),
        .library(name: "HTTPInspection", targets: ["HTTPInspection"]),
        .library(name: "SQLInspection", targets: ["SQLInspection"]),
        .library(name: "Enforcement", targets: ["Enforcement"]),
        .library(name: "Records", targets: ["Records"]),
        .library(name: "Collector", targets: ["Collector"]),
        // For Fuzz/, likewise.
        .library(name: "FuzzHarnesses", targets: ["FuzzHarnesses"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", "4.5.2"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // Level 0
        .target(name: "WireBytes", swiftSettings: strict),
        .target(name: "Policy", dependencies: ["CByteScan"], swiftSettings: strict),
        .systemLibrary(name: "CPgQuery", providers: [.apt(["libpg-query-dev"])]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CCRC32C"),
        .systemLibrary(name: "CByteScan"),
        .systemLibrary(name: "CLibYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", providers: [.apt(["libbrotli-dev"])]),
        // Level 1
        .target(name: "PostgresWire", dependencies: ["WireBytes"], swiftSettings: strict),
        .target(name: "SQLInspection", dependencies: ["CPgQuery"], swiftSettings: strict),
        .target(
            name: "HTTPInspection", dependencies: ["WireBytes", "CZlib", "CBrotli", "CZstd"], swiftSettings: strict),
        .target(
            name: "Records", dependencies: ["WireBytes", "CCRC32C", "CZstd", protobuf, crypto], swiftSettings: strict),
        // Level 2
        .target(name: "PolicyCompiler", dependencies: ["Policy", "CLibYAML", crypto], swiftSettings: strict),
        .target(
            name: "Identity",
            dependencies: [.product(name: "JWTKit", package: "jwt-kit"), logging],
            swiftSettings: strict),
        .target(
            name: "Enforcement",
            dependencies: [
                "WireBytes", "Policy", "PostgresWire", "HTTPInspection", "SQLInspection", "Records", crypto,
            ],
            swiftSettings: strict),
        .target(name: "Observability", dependencies: [logging], swiftSettings: strict),
        .target(name: "UplinkProtocol", dependencies: ["Records", protobuf] + grpc, swiftSettings: settings),
        // Level 3
        .target(
            name: "Sidecar",
            dependencies: [
                "WireBytes", "Policy", "PostgresWire", "HTTPInspection", "SQLInspection", "Records",
                "PolicyCompiler", "Identity", "Enforcement", "UplinkProtocol", "Observability", "CEpoll", protobuf,
                crypto,
                x509, logging, lifecycle,
                asyncHTTP,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ] + nio + grpc,
            swiftSettings: besideC),
        .target(
            name: "Collector",
            dependencies: [
                "Records", "Identity", "UplinkProtocol", "Observability", protobuf, crypto, x509, logging, lifecycle,
                asyncHTTP, .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ] + nio + grpc,
            resources: [.embedInCode("API/openapi.yaml")],
            swiftSettings: settings),
        // Level 4
        .executableTarget(
            name: "stile",
            dependencies: [
                "Policy", "PolicyCompiler", "HTTPInspection", "SQLInspection", "Enforcement", "Records", "Identity",
                "Sidecar", "Collector",
                crypto, x509, logging, lifecycle, arguments, asyncHTTP,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "stile-sidecar", dependencies: ["Sidecar", "Observability", logging, lifecycle, arguments],
            swiftSettings: settings),
        .executableTarget(
            name: "stile-collector",
            dependencies: [
                "Collector", "Observability", logging, lifecycle, arguments,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: settings
        ),
        // Tests mirror Sources.
        .target(
            name: "TestKit",
            dependencies: [.product(name: "JWTKit", package: "jwt-kit"), crypto] + nio,
            path: "Tests/TestKit", swiftSettings: settings),
        // What Fuzz/ runs under libFuzzer, and FuzzTests over the committed corpus.
        .target(
            name: "FuzzHarnesses",
            dependencies: [
                "WireBytes", "Policy", "PolicyCompiler", "PostgresWire", "HTTPInspection", "SQLInspection", "Records",
                "Enforcement", crypto, protobuf,
            ], path: "Tests/FuzzHarnesses", swiftSettings: settings),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzHarnesses"], swiftSettings: settings),
        .testTarget(name: "WireBytesTests", dependencies: ["WireBytes"], swiftSettings: settings),
        .testTarget(name: "PolicyTests", dependencies: ["Policy"], swiftSettings: settings),
        .testTarget(name: "PostgresWireTests", dependencies: ["PostgresWire", "WireBytes"], swiftSettings: settings),
        .testTarget(
            name: "HTTPInspectionTests", dependencies: ["HTTPInspection", "WireBytes"], swiftSettings: settings),
        .testTarget(name: "SQLInspectionTests", dependencies: ["SQLInspection"], swiftSettings: settings),
        .testTarget(
            name: "RecordsTests", dependencies: ["Records", "TestKit", protobuf, crypto], swiftSettings: settings),
        .testTarget(
            name: "PolicyCompilerTests", dependencies: ["PolicyCompiler", "Policy", "TestKit"],
            exclude: ["Detectors/Corpus.tsv"], swiftSettings: settings),
        .testTarget(
            name: "ObservabilityTests", dependencies: ["Observability", logging], swiftSettings: settings),
        .testTarget(
            name: "IdentityTests",
            dependencies: ["Identity", "TestKit", .product(name: "JWTKit", package: "jwt-kit")],
            swiftSettings: settings),
        .testTarget(
            name: "EnforcementTests",
            dependencies: [
                "Enforcement", "Policy", "PolicyCompiler", "PostgresWire", "HTTPInspection", "SQLInspection", "Records",
                "WireBytes", "FuzzHarnesses", "TestKit", protobuf,
            ],
            swiftSettings: settings),
        // Appends to a spool until it is killed.
        .executableTarget(
            name: "spool-writer", dependencies: ["Sidecar", "Records", crypto], path: "Tests/SpoolWriter",
            swiftSettings: settings),
        .testTarget(
            name: "SidecarTests",
            dependencies: [
                "Sidecar", "Records", "Enforcement", "UplinkProtocol", "Policy", "SQLInspection", "Identity",
                "PostgresWire", "Observability",
                "TestKit", "spool-writer", protobuf, crypto, logging, lifecycle,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ] + nio + grpc,
            exclude: ["structured_values.py"], swiftSettings: settings),
        .testTarget(
            name: "CollectorTests",
            dependencies: [
                "Collector", "Records", "UplinkProtocol", "TestKit", protobuf, crypto, x509, logging, lifecycle,
                asyncHTTP, .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ] + nio + grpc,
            swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests", dependencies: ["TestKit", "Records", "Collector"], path: "Tests/Integration",
            exclude: ["Attacks", "Clients", "Transparency"], swiftSettings: settings),
    ]
)
