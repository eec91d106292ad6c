// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the product's binary needs no mode for this; `Sources/Jinja` is a link to the module.
let package = Package(
    name: "template-rendering",
    platforms: [.macOS(.v15)],
    targets: [
        .target(name: "Jinja", exclude: ["README.md"], swiftSettings: .house),
        .executableTarget(name: "template-rendering", dependencies: ["Jinja"], swiftSettings: .house),
    ],
    swiftLanguageModes: [.v6]
)

extension [SwiftSetting] {
    /// The product's own settings.
    static var house: Self {
        [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
    }
}
