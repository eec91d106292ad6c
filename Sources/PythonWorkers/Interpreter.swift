import Domain
import Foundation
import Glibc

/// Finds the Python interpreter for a place.
struct InterpreterSearch: Sendable {
    /// The variables of this process: `PAWANG_PYTHON` and `PATH` count.
    let environment: [String: String]

    /// The place's own interpreter, else `$PAWANG_PYTHON`, else the nearest `.pawang/venv` upward, else `python3`.
    func interpreter(for place: PythonPlace) throws(PythonFailure) -> String {
        if let named = place.interpreter { return try existing(named, from: place.directory, named: "the workspace") }
        if let named = environment["PAWANG_PYTHON"], !named.isEmpty {
            return try existing(named, from: place.directory, named: "PAWANG_PYTHON")
        }
        if let found = ownEnvironment(above: place.directory) ?? onPath("python3") { return found }
        throw PythonFailure(
            .interpreter,
            "This flow needs Python 3.9 or newer and none was found. "
                + "Install it (`apt-get install python3 python3-venv`), "
                + "make the workspace's environment (`python3 -m venv .pawang/venv`), "
                + "or name an interpreter in the variable PAWANG_PYTHON.")
    }

    private func existing(_ name: String, from directory: String, named source: String) throws(PythonFailure) -> String
    {
        let found =
            if name.utf8.first == UInt8(ascii: "/") {
                name
            } else if name.utf8.contains(UInt8(ascii: "/")) {
                directory + "/" + name
            } else {
                onPath(name) ?? name
            }
        guard isExecutable(found) else {
            throw PythonFailure(
                .interpreter,
                "The Python interpreter \(name), which \(source) names, cannot be run. Install it there, "
                    + "or name another one in the variable PAWANG_PYTHON.")
        }
        return found
    }

    private func ownEnvironment(above directory: String) -> String? {
        var folder = Substring(URL(fileURLWithPath: directory).standardizedFileURL.path)
        while true {
            let candidate = folder + "/.pawang/venv/bin/python"
            if isExecutable(String(candidate)) { return String(candidate) }
            guard let cut = folder.lastIndex(of: "/") else { return nil }
            folder = folder[..<cut]
        }
    }

    private func onPath(_ name: String) -> String? {
        for folder in (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let candidate = "\(folder)/\(name)"
            if isExecutable(candidate) { return candidate }
        }
        return nil
    }

    private func isExecutable(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
