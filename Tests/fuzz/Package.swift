// swift-tools-version: 6.2
import PackageDescription

let fuzzing = SwiftSetting.unsafeFlags(["-sanitize=fuzzer,address", "-O", "-parse-as-library"])
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func fuzzer(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["Gateway", "Domain", "Driver"],
        swiftSettings: house + [fuzzing, .unsafeFlags(["-enable-testing"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}

let package = Package(
    name: "fuzz",
    targets: [
        .target(name: "CYYJSON", cSettings: [.unsafeFlags(["-O1", "-fsanitize=fuzzer-no-link,address"])]),
        .target(name: "Domain", dependencies: ["CYYJSON"], swiftSettings: house + [fuzzing]),
        .target(
            name: "Gateway", dependencies: ["Domain", "CYYJSON"],
            swiftSettings: house + [fuzzing, .unsafeFlags(["-enable-testing"])]),
        .target(name: "Driver", swiftSettings: house + [fuzzing]),
        fuzzer("RequestFuzz"), fuzzer("StreamFuzz"), fuzzer("AnswerFuzz"),
    ],
    swiftLanguageModes: [.v6], cLanguageStandard: .gnu2x
)
