import Domain
import Testing

@testable import Flows

@Suite("flow.dag.yaml")
struct DagReaderTests {
    private static let variants = """
        inputs: {text: {type: string}}
        outputs: {}
        nodes:
          - {name: ask, use_variants: true}
        node_variants:
          ask:
            default_variant_id: a
            variants:
              a: {node: {type: prompt, source: {type: code, path: a.jinja2}}}
              b: {node: {type: prompt, source: {type: code, path: b.jinja2}}}
        """

    @Test("Inputs, outputs and nodes are read with what prompt flow's files say of them")
    func all() throws {
        let flow = try FlowFolder.definition(
            """
            $schema: https://example.com/flow.json
            name: sample
            inputs:
              question: {type: string, is_chat_input: true, default: hi, description: what is asked}
              history: {type: list, is_chat_history: true}
            outputs:
              answer: {type: string, reference: "${ask.output.text}", is_chat_output: true, evaluation_only: false}
            nodes:
              - name: ask
                type: llm
                source: {type: code, path: ask.jinja2}
                inputs: {temperature: '0.5', question: "${inputs.question}", fixed: "hi ${inputs.question}"}
                provider: AzureOpenAI
                connection: ""
                api: chat
                module: promptflow.tools.aoai
                activate: {when: "${inputs.question}", is: null}
              - {name: total, type: python, reduce: true, source: {type: package, tool: a.b.c}}
            environment: {python_requirements_txt: requirements.txt}
            environment_variables: {A: 1}
            additional_includes: [../shared.py]
            """)
        #expect(flow.name == "sample")
        #expect(flow.inputs.map(\.name) == ["question", "history"])
        #expect(flow.inputs[0].isChatInput && flow.inputs[0].defaultValue == "hi" && flow.inputs[1].isChatHistory)
        #expect(flow.outputs[0].isChatOutput && flow.outputs[0].reference == .node("ask", path: [.key("text")]))
        #expect(flow.nodes[0].inputs.map(\.name) == ["temperature", "question", "fixed"])
        #expect(flow.nodes[0].inputs[1].value == .flowInput("question"))
        #expect(flow.nodes[0].inputs[2].value == .literal("hi ${inputs.question}"))
        #expect(flow.nodes[0].connection == nil && flow.nodes[0].provider == "AzureOpenAI")
        #expect(flow.nodes[0].activate?.equals == .null)
        #expect(
            flow.nodes[1].isAggregation && flow.nodes[1].source == NodeSource(kind: .package, path: nil, tool: "a.b.c"))
        #expect(
            flow.requirements == "requirements.txt" && flow.environment == ["A": 1]
                && flow.additionalIncludes == ["../shared.py"])
    }

    @Test("Without a name the flow is called like its folder")
    func name() throws {
        let folder = try FlowFolder(["answer/flow.dag.yaml": "nodes: []\n"])
        #expect(try DagReader(chosenVariants: [:]).read(file: "\(folder.path)/answer/flow.dag.yaml").name == "answer")
    }

    @Test("A node takes its default variant, or the one that is chosen")
    func variants() throws {
        #expect(try FlowFolder.definition(Self.variants).nodes[0].source?.path == "a.jinja2")
        let chosen = try FlowFolder.definition(Self.variants, variants: ["ask": "b"])
        #expect(chosen.nodes[0].source?.path == "b.jinja2" && chosen.nodes[0].name == "ask")
        #expect(chosen.variants[0].all == ["a", "b"] && chosen.variants[0].defaultVariant == "a")
    }

    @Test("Variants that do not exist are refused", arguments: [["ask": "c"], ["other": "a"]])
    func unknownVariant(_ chosen: [String: String]) {
        #expect(
            #expect(throws: FlowFailure.self) { try FlowFolder.definition(Self.variants, variants: chosen) }?.code
                == "VariantNotFound")
    }

    private static let refusesTable: [(String, String)] = [
        ("imputs: {}\n", "1:1: a flow has no key `imputs`; did you mean `inputs`?"),
        ("inputs: {a: {type: strin}}\n", "`strin`; did you mean `string`?"),
        ("inputs: {a: {default: 1}}\n", "needs `type`"),
        ("outputs: {a: {type: string}}\n", "has no reference"),
        ("nodes: [{type: json}]\n", "needs `name`"),
        ("nodes: [{name: a, type: jsn}]\n", "`jsn`; did you mean `json`?"),
        ("nodes: [{name: a, type: json, activate: {when: x}}]\n", "needs both `when` and `is`"),
        ("nodes: [{name: a, type: prompt, source: {type: file, path: x}}]\n", "`file`"),
        ("nodes: [{name: a, use_variants: true}]\n", "`node_variants` has no `a`"),
        ("language: csharp\n", "`csharp`"),
        ("nodes: {}\n", "`nodes` must be a list"),
    ]

    @Test("What cannot be is refused with its place", arguments: refusesTable)
    func refuses(_ yaml: String, _ says: String) {
        let failure = #expect(throws: (any Error).self) { try FlowFolder.definition(yaml) }
        let message = (failure as? any Failure)?.message ?? ""
        #expect(message.contains(says))
        #expect(message.contains("flow.dag.yaml:1:"))
    }
}
