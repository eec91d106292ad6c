import Foundation
import Jinja

/// Renders the prompt of this folder many times and prints one JSON object: the median of the time per rendering in
/// microseconds of CPU, and the text.
@main
enum TemplateRendering {
    private static let rounds = 15
    private static let renderingsPerRound = 4_000

    static func main() throws {
        let folder = CommandLine.arguments.dropFirst().first ?? "."
        let source = try String(contentsOfFile: "\(folder)/prompt.jinja2", encoding: .utf8)
        let parsed = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: "\(folder)/values.json")))
        guard let members = parsed as? [String: Any] else { throw CocoaError(.coderInvalidValue) }
        let values = members.mapValues(value)
        let template = try Template(source)
        let text = try template.render(values)
        var bytes = 0
        var times: [Double] = []
        for _ in 0..<rounds {
            let start = cpuMicroseconds()
            for _ in 0..<renderingsPerRound { bytes += try template.render(values).utf8.count }
            times.append((cpuMicroseconds() - start) / Double(renderingsPerRound))
        }
        // What was rendered is counted, so that no rendering can be left out by the compiler.
        guard bytes == rounds * renderingsPerRound * text.utf8.count else { throw CocoaError(.coderInvalidValue) }
        let result: [String: Any] = ["microseconds": times.sorted()[rounds / 2], "text": text]
        print(String(decoding: try JSONSerialization.data(withJSONObject: result), as: UTF8.self))
    }

    private static func cpuMicroseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }

    /// The prompt's values have texts, whole numbers, truth values, lists and objects only.
    private static func value(_ any: Any) -> TemplateValue {
        switch any {
        case let text as String: .string(text)
        case let list as [Any]: .list(list.map(value))
        case let object as [String: Any]:
            .map(TemplateMap(object.sorted { $0.key < $1.key }.map { ($0.key, value($0.value)) }))
        case let number as NSNumber:
            String(cString: number.objCType) == "c" ? .bool(number.boolValue) : .int(number.intValue)
        default: .none
        }
    }
}
