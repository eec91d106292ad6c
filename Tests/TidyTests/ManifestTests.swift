import Foundation
import Testing

@Suite("Manifest")
struct ManifestTests {
    @Test("Every upcoming feature is one that the compiler knows")
    func featuresAreKnown() throws {
        let manifest = Manifest(text: try Repository.text("Package.swift"))
        #expect(manifest.upcomingFeatures.contains("ExistentialAny"))
        let violations = manifest.unknownFeatures(known: try Self.upcomingFeatures())
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test("A misspelt feature is refused")
    func misspeltFeature() throws {
        let manifest = Manifest(
            text: #".enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisiblity")"#)
        let violations = manifest.unknownFeatures(known: try Self.upcomingFeatures())
        #expect(violations.count == 1)
        #expect(violations.first?.reason.contains("MemberImportVisiblity") == true)
    }

    @Test("Warnings are errors")
    func warningsAreErrors() throws {
        #expect(try Repository.text("Package.swift").contains(".treatAllWarnings(as: .error)"))
    }

    @Test("Every import is declared in the target's line of the manifest")
    func importsAreDeclared() throws {
        let manifest = Manifest(text: try Repository.text("Package.swift"))
        let swiftTargets = Set(Layer.ofTarget.keys).subtracting([
            "CYYJSON", "CAssets", "CPostgreSQL", "CZlib", "pawang",
        ])
        #expect(Set(manifest.uses.keys) == swiftTargets, "the manifest is no longer read rightly")
        let violations = try Repository.sources().flatMap(manifest.undeclared)
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test("An undeclared import is refused")
    func undeclaredImport() {
        let manifest = Manifest(
            text: """
                let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
                module("Stores", uses: ["Domain", grdb]),
                """)
        #expect(manifest.uses == ["Stores": ["Domain", "GRDB"]])
        let file = SourceFile(path: "Sources/Stores/Fixture.swift", text: "import Domain\nimport GRDB\nimport Yams\n")
        #expect(manifest.undeclared(in: file).map(\.place) == ["Sources/Stores/Fixture.swift:3"])
    }

    @Test("What the manifest declares keeps to the layers too")
    func declarationsKeepToTheLayers() throws {
        let manifest = Manifest(text: try Repository.text("Package.swift"))
        let objections = manifest.uses.flatMap { target, modules in
            modules.compactMap { module in
                Layer.objection(to: module, in: target).map { "\(target) uses \(module): \($0)" }
            }
        }
        #expect(objections == [])
    }

    /// The names that `swiftc -print-supported-features` lists as upcoming.
    private static func upcomingFeatures() throws -> Set<String> {
        struct Printed: Decodable {
            struct Feature: Decodable { let name: String }
            struct Lists: Decodable { let upcoming: [Feature] }
            let features: Lists
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swiftc", "-print-supported-features"]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/opt/swift/usr/bin:/usr/bin:/bin"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Set(try JSONDecoder().decode(Printed.self, from: data).features.upcoming.map(\.name))
    }
}
