// swift-tools-version: 6.2
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTPCompression = Target.Dependency.product(name: "NIOHTTPCompression", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "pawang",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "pawang", targets: ["pawang"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Leaf libraries: they import nothing of ours.
        [.target(name: "CYYJSON", cSettings: [.unsafeFlags(["-O3"])]), .target(name: "CAssets")],
        [
            .systemLibrary(name: "CPostgreSQL", providers: [.apt(["libpq-dev"])]),
            .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        ],
        leaf("Jinja", testData: ["Parity"]), leaf("Statistics", testData: ["Reference"]), leaf("TextMetrics"),
        // Shared values, ports and events.
        module("Domain", uses: ["CYYJSON", crypto, yams]),
        // Slices: they import Domain and leaf libraries, never each other.
        module("Flows", uses: ["Domain", "Jinja", yams]),
        module(
            "Evaluation", uses: ["Domain", "Jinja", "Statistics", "TextMetrics", yams],
            testData: ["Data", "Evaluators/reference.py"]),
        module("Registry", uses: ["Domain", "CAssets", yams]),
        module("Gateway", uses: ["Domain", "CYYJSON", crypto, yams], testData: ["Data"]),
        // Adapters: they fulfil the ports of slices.
        module(
            "Providers", uses: ["Domain", asyncHTTPClient, nioCore, nioHTTP1, nioHTTPCompression, yams],
            testing: [nioPosix]),
        module("PythonWorkers", uses: ["Domain"]),
        module("Stores", uses: ["Domain", "Gateway", "CPostgreSQL", grdb, grdbSQLite]),
        module(
            "GatewayServer",
            uses: [
                "Domain", "Gateway", "CZlib", hummingbird, hummingbirdCore, httpTypes, logging, nioCore, nioHTTP1,
                nioHTTP2, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL, nioTLS, serviceLifecycle,
            ],
            testing: [hummingbirdTesting]),
        // The composition root and the executable.
        module(
            "App",
            uses: [
                "Domain", "Jinja", "Statistics", "TextMetrics", "Flows", "Evaluation", "Registry", "Providers",
                "PythonWorkers", "Stores", "Gateway", "GatewayServer", "CAssets", argumentParser, logging,
                serviceLifecycle, yams,
            ]),
        [
            .executableTarget(
                name: "pawang", dependencies: ["App"], swiftSettings: .house,
                linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
            .testTarget(name: "TidyTests", swiftSettings: .house),
        ],
    ].flatMap { $0 },
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu2x
)

/// A library that imports nothing of ours, and its tests; `testData` names folders of theirs that are no Swift.
func leaf(_ name: String, testData: [String] = []) -> [Target] {
    [
        .target(name: name, exclude: ["README.md"], swiftSettings: .house),
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name)], exclude: testData, swiftSettings: .house,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
}

/// A module of ours and its tests; `testing` names what only the tests need, `testData` what of theirs is no Swift.
func module(
    _ name: String, uses dependencies: [Target.Dependency] = [], testing: [Target.Dependency] = [],
    testData: [String] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, exclude: ["README.md"], swiftSettings: .house),
        .testTarget(
            name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies + testing, exclude: testData,
            swiftSettings: .house,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
}

extension [SwiftSetting] {
    /// The language every target is written in: Swift 6, no warnings, and the features Swift 7 turns on.
    static var house: Self {
        [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
    }
}
