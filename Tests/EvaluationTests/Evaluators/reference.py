"""Answers of the reference packages for the parity tests, as JSON lines on standard output.

Usage: reference.py json_schema | json_diff | retrieval | tool_calls | labels
Everything is seeded, so that a failure can be repeated.
"""

import json
import random
import sys
import warnings

warnings.filterwarnings("ignore")
WORDS = ["", "a", "ab", "foo", "bar", "name", "日本", "é", "😀", "x-1", "10", "Foo Bar"]


def value(rng, depth=0):
    kind = rng.randrange(8 if depth < 3 else 6)
    if kind == 0:
        return None
    if kind == 1:
        return rng.random() < 0.5
    if kind == 2:
        return rng.randrange(-5, 12)
    if kind == 3:
        return rng.choice([0.0, 1.0, -2.5, 3.0, 0.1, 1e300, 7.25])
    if kind in (4, 5):
        return rng.choice(WORDS)
    if kind == 6:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(WORDS): value(rng, depth + 1) for _ in range(rng.randrange(4))}


def schema(rng, draft, depth=0):
    if depth > 0 and rng.random() < 0.08:
        return rng.random() < 0.7
    deeper = lambda: schema(rng, draft, depth + 1) if depth < 3 else {"type": rng.choice(["string", "integer", "null"])}
    types = ["null", "boolean", "integer", "number", "string", "array", "object"]
    choices = {
        "type": lambda: rng.choice(types) if rng.random() < 0.6 else rng.sample(types, 3),
        "enum": lambda: [value(rng, 2) for _ in range(rng.randrange(1, 5))],
        "const": lambda: value(rng, 2),
        "properties": lambda: {rng.choice(WORDS): deeper() for _ in range(rng.randrange(1, 4))},
        "required": lambda: rng.sample(WORDS, rng.randrange(1, 3)),
        "additionalProperties": deeper,
        "patternProperties": lambda: {rng.choice(["^f", "a", "\\d+", "^$", "o$"]): deeper()},
        "propertyNames": lambda: {"maxLength": rng.randrange(1, 4)},
        "minProperties": lambda: rng.randrange(3),
        "maxProperties": lambda: rng.randrange(3),
        "items": deeper,
        "contains": deeper,
        "minItems": lambda: rng.randrange(3),
        "maxItems": lambda: rng.randrange(4),
        "uniqueItems": lambda: rng.random() < 0.8,
        "minimum": lambda: rng.choice([-2, 0, 1.5, 3]),
        "maximum": lambda: rng.choice([-2, 0, 1.5, 3]),
        "exclusiveMinimum": lambda: rng.choice([-2, 0, 1.0, 3]),
        "exclusiveMaximum": lambda: rng.choice([-2, 0, 1.0, 3]),
        "multipleOf": lambda: rng.choice([1, 2, 0.5, 0.1, 1.5]),
        "minLength": lambda: rng.randrange(4),
        "maxLength": lambda: rng.randrange(4),
        "pattern": lambda: rng.choice(["^[a-z]+$", "o", "^$", "\\d", "(foo|bar)", "^.{2}$"]),
        "allOf": lambda: [deeper() for _ in range(rng.randrange(1, 3))],
        "anyOf": lambda: [deeper() for _ in range(rng.randrange(1, 4))],
        "oneOf": lambda: [deeper() for _ in range(rng.randrange(1, 4))],
        "not": deeper,
        "$ref": lambda: rng.choice(["#/$defs/first", "#/$defs/second"]),
        "format": lambda: "email",
    }
    if draft == 2020:
        choices["prefixItems"] = lambda: [deeper() for _ in range(rng.randrange(1, 3))]
        choices["dependentRequired"] = lambda: {rng.choice(WORDS): rng.sample(WORDS, 1)}
        choices["dependentSchemas"] = lambda: {rng.choice(WORDS): deeper()}
    else:
        choices["dependencies"] = lambda: {rng.choice(WORDS): rng.choice([rng.sample(WORDS, 1), deeper()])}
    result = {key: choices[key]() for key in rng.sample(sorted(choices), rng.randrange(1, 5))}
    if rng.random() < 0.1:
        result |= {"if": deeper(), "then": deeper(), "else": deeper()}
    if "contains" in result and draft == 2020 and rng.random() < 0.5:
        result |= {"minContains": rng.randrange(3), "maxContains": rng.randrange(1, 3)}
    if "items" in result and draft == 7 and rng.random() < 0.4:
        result |= {"items": [deeper() for _ in range(rng.randrange(1, 3))], "additionalItems": deeper()}
    if depth == 0:
        result["$defs"] = {"first": {"type": rng.choice(types)}, "second": {"maxLength": 3, "minimum": 1}}
        if draft == 7:
            result["$schema"] = "http://json-schema.org/draft-07/schema#"
    return result


def json_schema():
    from jsonschema import Draft202012Validator, Draft7Validator

    rng = random.Random(20_251_122)
    for number in range(4000):
        draft = 7 if number % 3 == 0 else 2020
        document = schema(rng, draft)
        validator = (Draft7Validator if draft == 7 else Draft202012Validator)(document)
        values = [value(rng) for _ in range(4)]
        yield {"schema": document, "values": values, "valid": [validator.is_valid(v) for v in values]}


def json_diff():
    from autoevals.json import JSONDiff

    rng, scorer = random.Random(5), JSONDiff()
    for _ in range(3000):
        first = value(rng)
        second = value(rng) if rng.random() < 0.5 else json.loads(json.dumps(first))
        if isinstance(second, dict) and second and rng.random() < 0.7:
            second[rng.choice(list(second))] = value(rng, 1)
        if isinstance(second, list) and rng.random() < 0.7:
            second.append(value(rng, 1))
        if first is None or second is None:
            continue
        if rng.random() < 0.2:
            first = json.dumps(first)
        yield {"response": first, "ground_truth": second, "score": scorer.json_diff(first, second)}


def retrieval():
    import numpy
    from sklearn.metrics import ndcg_score

    rng = random.Random(6)
    for _ in range(2000):
        count = rng.randrange(2, 12)
        names = [f"d{place}" for place in range(count)]
        relevance = [rng.choice([0, 0, 0, 1, 2, 3]) for _ in names]
        scores = rng.sample(range(100), count)
        k = rng.randrange(1, 8)
        if not any(relevance):
            continue
        yield {
            "k": k,
            "retrieved_documents": [{"document_id": n, "relevance_score": s} for n, s in zip(names, scores)],
            "retrieval_ground_truth": [
                {"document_id": n, "query_relevance_label": r} for n, r in zip(names, relevance)
            ],
            "ndcg": float(ndcg_score(numpy.array([relevance]), numpy.array([scores]), k=k)),
        }


def labels():
    from sklearn import metrics

    rng = random.Random(8)
    for _ in range(200):
        names = rng.sample(["yes", "no", "maybe", "日本", "x"], rng.randrange(2, 5))
        truth = [rng.choice(names) for _ in range(rng.randrange(5, 60))]
        predicted = [t if rng.random() < 0.6 else rng.choice(names) for t in truth]
        yield {
            "truth": truth,
            "predicted": predicted,
            "accuracy": metrics.accuracy_score(truth, predicted),
            "macro_f1": metrics.f1_score(truth, predicted, average="macro", zero_division=0),
            "matthews_correlation": metrics.matthews_corrcoef(truth, predicted),
        }


def calls(rng):
    def arguments():
        return {rng.choice("abc"): rng.choice([1, 2, "x", "y", "日本"]) for _ in range(rng.randrange(3))}

    return [{"name": rng.choice(["get", "put"]), "args": arguments()} for _ in range(rng.randrange(4))]


def tool_calls():
    """Ragas' definitions, restated: the package itself brings 2 GB of dependencies."""
    rng = random.Random(9)
    for _ in range(3000):
        actual, expected = calls(rng), calls(rng)
        if rng.random() < 0.6:
            actual = json.loads(json.dumps(expected))
            if actual and rng.random() < 0.5:
                rng.choice(actual)["args"]["a"] = "other"
            rng.shuffle(actual)
        frozen = lambda items: {(c["name"], frozenset(c["args"].items())) for c in items}
        hits = len(frozen(actual) & frozen(expected))
        precision = hits / len(frozen(actual)) if actual else 0.0
        recall = hits / len(frozen(expected)) if expected else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0

        def accuracy(strict):
            if not actual and not expected:
                return 1.0
            if not actual or not expected:
                return 0.0
            key = lambda c: tuple([c["name"]] + [p for n in sorted(c["args"]) for p in (n, str(c["args"][n]))])
            left, right = (actual, expected) if strict else (sorted(actual, key=key), sorted(expected, key=key))
            total = 0.0
            for wanted, given in zip(right, left):
                if wanted["name"] != given["name"]:
                    continue
                if not wanted["args"]:
                    total += 0.0 if given["args"] else 1.0
                else:
                    right_ones = sum(str(given["args"].get(n)) == str(v) for n, v in wanted["args"].items() if n in given["args"])
                    total += right_ones / len(wanted["args"])
            total /= len(right)
            if len(left) < len(right):
                total *= len(left) / len(right)
            return total * ([c["name"] for c in left] == [c["name"] for c in right])

        yield {
            "tool_calls": actual,
            "expected_tool_calls": expected,
            "f1": round(f1, 4),
            "strict": accuracy(True),
            "flexible": accuracy(False),
        }


if __name__ == "__main__":
    for row in globals()[sys.argv[1]]():
        print(json.dumps(row))
