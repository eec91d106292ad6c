import Domain
import Foundation
import Testing

@testable import Registry

/// A folder of its own for one test, removed with its last owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pawang-registry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
}

@Suite("Workspaces")
struct WorkspaceTests {
    @Test("The workspace is the nearest folder upwards with a pawang.yaml")
    func upwards() throws {
        let folder = try TemporaryFolder()
        try folder.write("pawang.yaml", "name: outer\n")
        try folder.write("inner/pawang.yaml", "name: inner\n")
        try folder.write("inner/flows/deep/x.txt", "")
        try folder.write("beside/x.txt", "")
        func name(_ place: String) throws -> String { try Workspace.find(from: folder.path + place).configuration.name }
        #expect(try name("") == "outer")
        #expect(try name("/beside") == "outer")
        #expect(try name("/inner") == "inner")
        #expect(try name("/inner/flows/deep") == "inner")
        #expect(try name("/inner/flows/../../beside") == "outer")
        #expect(try Workspace.find(from: folder.path + "/inner/flows").root == folder.path + "/inner")
    }

    @Test("Without a file the folder itself stands in, undeclared, and keeps its runs in the user's state")
    func undeclared() throws {
        let folder = try TemporaryFolder()
        let workspace = try Workspace.find(from: folder.path)
        #expect(!workspace.isDeclared)
        #expect(workspace.root == folder.path)
        #expect(workspace.storePath(environment: ["HOME": "/h"]) == "/h/.local/state/pawang/pawang.db")
        #expect(workspace.storePath(environment: ["HOME": "/h", "XDG_STATE_HOME": "/s"]) == "/s/pawang/pawang.db")
        #expect(workspace.storePath(environment: ["PAWANG_STORE": "/x.db"]) == "/x.db")
    }

    @Test("A declared workspace keeps its runs where the file says, unless PAWANG_STORE says otherwise")
    func store() throws {
        let folder = try TemporaryFolder()
        try folder.write("pawang.yaml", "name: w\n")
        #expect(
            try Workspace.find(from: folder.path).storePath(environment: ["HOME": "/h"])
                == folder.path + "/.pawang/pawang.db")
        try folder.write("pawang.yaml", "name: w\nstore: /abs/olute.db\n")
        let workspace = try Workspace.find(from: folder.path)
        #expect(workspace.storePath(environment: [:]) == "/abs/olute.db")
        #expect(workspace.storePath(environment: ["PAWANG_STORE": ""]) == "/abs/olute.db")
        #expect(workspace.storePath(environment: ["PAWANG_STORE": "/x.db"]) == "/x.db")
    }

    @Test("Every key is read, and what is left out has its default")
    func keys() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "pawang.yaml",
            "name: 7\nflows: f\ndatasets: d\nexperiments: e\nevaluators: v\nconnections: c\nstore: s\npython: p\nprices: r\n"
        )
        let all = try Workspace.find(from: folder.path).configuration
        #expect(
            [
                all.name, all.flows, all.datasets, all.experiments, all.evaluators, all.connections, all.store,
                all.python, all.prices,
            ]
                == ["7", "f", "d", "e", "v", "c", "s", "p", "r"])
        try folder.write("pawang.yaml", "name: w\npython: null\n")
        let bare = try Workspace.find(from: folder.path).configuration
        #expect([bare.flows, bare.connections, bare.store] == ["flows", "connections.yaml", ".pawang/pawang.db"])
        #expect(bare.python == nil)
    }

    @Test("The gateway's sections are handed on as they stand, with their places, unread")
    func gatewaySections() throws {
        let folder = try TemporaryFolder()
        try folder.write("pawang.yaml", "name: w\ngateway: {lisen: 1}\nmodels:\n  fast: {}\nbudgets:\n")
        let configuration = try Workspace.find(from: folder.path).configuration
        #expect(configuration.gateway?.json == ["lisen": 1])
        #expect(configuration.models?.location.line == 4)
        #expect(configuration.budgets?.isNull == true)
        let earlier = try WorkspaceConfiguration(reading: YAMLReader.read(text: "name: v\nflows: g\n", file: "x"))
        #expect(earlier.flows == "g" && earlier.gateway == nil && earlier.models == nil)
    }

    @Test(
        "A wrong file is an error with file, line, column and what was meant",
        arguments: [
            ("name: w\n# c\nflow: x\n", ":3:1: a workspace has no key `flow`; did you mean `flows`?"),
            ("flows: x\n", ":1:1: a workspace needs `name`"),
            ("name: [a]\n", ":1:7: `name` must be a text, but is list"),
            ("- a\n", ":1:1: `the workspace` must be a map of keys and values, but is list"),
            ("name: w\nname: v\n", "has the key `name` twice"), ("name: w\nflows: {a: b}\n", "`flows` must be a text"),
        ])
    func wrong(text: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("pawang.yaml", text)
        #expect {
            try Workspace.find(from: folder.path)
        } throws: {
            let message = ($0 as? any Failure)?.message ?? ""
            return message.contains("pawang.yaml") && message.contains(expected)
        }
    }
}

@Suite("Templates of workspaces")
struct WorkspaceTemplateTests {
    private let template = WorkspaceTemplate(files: [
        "pawang.yaml": "name: \"{{workspace_name}}\"\n", "flows/a/flow.dag.yaml": "x {{other}}\n", "b.txt": "",
    ])

    @Test("A template fills a new folder, its name put in, and tells what it wrote")
    func writes() throws {
        let folder = try TemporaryFolder()
        let written = try template.write(to: folder.path + "/new/place", name: "my team")
        #expect(written == ["b.txt", "flows/a/flow.dag.yaml", "pawang.yaml"])
        #expect(try folder.text("new/place/pawang.yaml") == "name: \"my team\"\n")
        #expect(try folder.text("new/place/flows/a/flow.dag.yaml") == "x {{other}}\n")
        #expect(try Workspace.find(from: folder.path + "/new/place").configuration.name == "my team")
    }

    @Test("A file that is there is never overwritten, and then nothing is written at all")
    func neverOverwrites() throws {
        let folder = try TemporaryFolder()
        try folder.write("flows/a/flow.dag.yaml", "mine")
        #expect { try template.write(to: folder.path, name: "w") } throws: {
            ($0 as? PlainFailure)?.code == "FileExists" && "\($0)".contains("flows/a/flow.dag.yaml")
        }
        #expect(try folder.text("flows/a/flow.dag.yaml") == "mine")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/pawang.yaml"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/b.txt"))
    }

    @Test("Other files of the folder stay as they are")
    func beside() throws {
        let folder = try TemporaryFolder()
        try folder.write("README.md", "mine")
        _ = try template.write(to: folder.path, name: "w")
        #expect(try folder.text("README.md") == "mine")
    }

    @Test(
        "A name with quotes or line breaks gives a workspace that can be read",
        arguments: ["a \"b\"", "a: b", "back\\slash", "line\nbreak", "#x", "{{workspace_name}}"])
    func names(name: String) throws {
        let folder = try TemporaryFolder()
        _ = try template.write(to: folder.path, name: name)
        #expect(try Workspace.find(from: folder.path).configuration.name == name)
    }
}
