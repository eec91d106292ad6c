"""Templates made by chance from the grammar we support, always the same ones, with values made by chance too."""

import random

SEED = 20250711
COUNT = 2000
NAMES = ["a", "b", "user", "items", "text", "n", "x", "missing"]
FIELDS = ["name", "id", "tags", "k", "value", "inner"]
WORDS = ["alpha", "Beta", "", "x", "été", "漢字", "it's", 'say "hi"', "a b  c", "<b>&", "line\nbreak", "🙂", "7", "3.5", " pad ", "Z"]


class Values:
    def __init__(self, chance):
        self.chance = chance

    def make(self, depth=0):
        kind = self.chance.random()
        if depth < 3 and kind < 0.2:
            return [self.make(depth + 1) for _ in range(self.chance.randint(0, 4))]
        if depth < 3 and kind < 0.4:
            return {name: self.make(depth + 1) for name in self.chance.sample(FIELDS, self.chance.randint(0, 4))}
        return self.chance.choice(
            [self.word, self.word, self.integer, self.float, lambda: True, lambda: False, lambda: None, self.numbers, self.records]
        )()

    def word(self):
        return self.chance.choice(WORDS)

    def integer(self):
        return self.chance.choice([0, 1, 2, 3, -1, -5, 10, 42, 1000, 123456])

    def float(self):
        return self.chance.choice([0.0, 1.0, -1.5, 2.5, 0.1, 3.14159, 1e-05, 1e16, 1e21, 2.675, 100.0, round(self.chance.uniform(-100, 100), 3)])

    def numbers(self):
        return [self.chance.choice([self.integer, self.float])() for _ in range(self.chance.randint(0, 5))]

    def records(self):
        return [{"name": self.word(), "id": self.integer(), "k": self.make(3)} for _ in range(self.chance.randint(0, 3))]


class Templates:
    def __init__(self, chance):
        self.chance = chance

    def pick(self, *choices):
        return self.chance.choice(choices)

    # Expressions

    def literal(self):
        return self.pick(
            "1", "2", "0", "3", "1.5", "'a'", "'b c'", '"x"', "''", "true", "false", "none", "[]", "[1, 2, 3]", "['b', 'a', 'C']",
            "{'k': 1, 'name': 'v'}", "(1, 'z')", "'été'", "{}", "[[1, 2], [3, 4]]", "1_0", "2.0",
        )

    def name(self):
        return self.chance.choice(NAMES)

    def operand(self, depth):
        choice = self.chance.random()
        if choice < 0.45 or depth > 3:
            return self.name() if self.chance.random() < 0.7 else self.literal()
        if choice < 0.6:
            return f"{self.name()}.{self.chance.choice(FIELDS)}"
        if choice < 0.68:
            return f"{self.operand(depth + 1)}[{self.pick('0', '-1', '1', repr(self.chance.choice(FIELDS)), 'n')}]"
        if choice < 0.7:
            # Not on literals: while compiling, Jinja2 folds `1.5[1:]` into undefined, which fails with a variable.
            return f"{self.name()}[{self.pick('1:', ':2', '::-1', '-2:', 'n:')}]"
        if choice < 0.74:
            return f"({self.expression(depth + 1)})"
        if choice < 0.78:
            return f"[{self.expression(depth + 1)}, {self.expression(depth + 1)}]"
        if choice < 0.8:
            return f"{{'k': {self.expression(depth + 1)}, 'name': {self.literal()}}}"
        if choice < 0.84:
            return f"range({self.pick('3', '1, 4', '5, 0, -2', '0', 'n')})"
        if choice < 0.9:
            return self.method(depth)
        return self.literal()

    def method(self, depth):
        call = self.pick(
            "upper()", "lower()", "strip()", "split()", "split(',')", "title()", "replace('a', 'b')", "startswith('a')", "items()",
            "keys()", "values()", "get('k')", "get('name', 5)", "endswith('x')", "count('a')", "find('b')", "splitlines()", "capitalize()",
        )
        receiver = self.pick(self.name(), f"{self.name()}.{self.chance.choice(FIELDS)}", "'aXb c'", "{'k': 1}")
        return f"{receiver}.{call}"

    def filter(self):
        return self.pick(
            "upper", "lower", "trim", "length", "count", "join", "join(', ')", "join(',', attribute='name')", "default('d')", "d('e', true)",
            "replace('a', 'b')", "tojson", "tojson(2)", "first", "last", "round", "round(1)", "int", "float", "string", "list",
            "map(attribute='name')|list", "map('upper')|list", "map('string')|join('-')", "selectattr('k')|list",
            "selectattr('id', 'gt', 1)|list", "rejectattr('name')|list", "select|list", "select('string')|list", "reject('none')|list",
            "indent", "indent(2, true)", "e", "escape", "safe", "capitalize", "title", "sort", "sort(reverse=true)",
            "sort(attribute='name')", "unique|list", "reverse|list", "sum", "min", "max", "abs", "dictsort", "items|list", "truncate(5, leeway=0)",
            "wordcount", "batch(2)|list", "int(7)", "float(1.5)", "round(2, 'floor')", "sum(attribute='id')", "map(attribute='k', default=0)|list",
            "map('default', 'q')|list", "select('in', [1, 2, 3])|list", "list|length", "dictsort(by='value')", "max(attribute='id')", "join|length",
        )

    def test(self):
        return self.pick(
            "defined", "undefined", "none", "string", "mapping", "number", "sequence", "iterable", "true", "false", "boolean", "integer",
            "float", "odd", "even", "divisibleby(2)", "divisibleby 3", "in [1, 'a', none]", "eq 1", "ne('a')", "lt 5", "gt(2)", "lower", "upper",
            "not defined", "not none", "not string", "not mapping", "not even",
        )

    def expression(self, depth=0):
        choice = self.chance.random()
        if depth > 3 or choice < 0.4:
            return self.operand(depth)
        if choice < 0.6:
            return f"{self.operand(depth + 1)}|{self.filter()}" + (f"|{self.filter()}" if self.chance.random() < 0.25 else "")
        if choice < 0.68:
            # In parentheses: Jinja2 takes a name after a test, even `if`, for its argument.
            return f"({self.operand(depth + 1)} is {self.test()})"
        if choice < 0.78:
            operator = self.pick("+", "-", "*", "/", "//", "%", "~", "~", "~", "+")
            if operator == "%":
                # A number: on a string this is formatting, which we refuse.
                return f"{self.operand(depth + 1)}|float % {self.operand(depth + 1)}"
            return f"{self.expression(depth + 1)} {operator} {self.expression(depth + 1)}"
        if choice < 0.86:
            operator = self.pick("==", "!=", "<", "<=", ">", ">=", "in", "not in", "==")
            chain = f" {self.pick('==', '<', '!=', 'in')} {self.operand(depth + 1)}" if self.chance.random() < 0.2 else ""
            return f"{self.operand(depth + 1)} {operator} {self.operand(depth + 1)}{chain}"
        if choice < 0.93:
            return f"{self.expression(depth + 1)} {self.pick('and', 'or')} {self.pick('', '', 'not ')}{self.expression(depth + 1)}"
        if choice < 0.95:
            # In parentheses: after an operator Jinja2 takes `not` for a name.
            return f"({self.pick('-', '+', 'not ')}{self.operand(depth + 1)})"
        otherwise = f" else {self.expression(depth + 1)}" if self.chance.random() < 0.8 else ""
        return f"{self.expression(depth + 1)} if {self.expression(depth + 1)}{otherwise}"

    def safe_expression(self):
        """Something that seldom fails, so that most templates render."""
        name = self.name()
        return self.pick(
            name, name, f"{name}|tojson", f"{name}|string|upper", f"[{name}]", f"{name} is {self.pick('defined', 'none', 'string', 'mapping')}",
            f"{name} == {self.literal()}", f"{name}|default('-')", f"({name}|string)[:3]", f"'{{}}' ~ {name}", f"{name} and {self.name()}",
            f"{name} or {self.literal()}", f"{self.literal()}", f"{name}|string|length", f"{self.literal()} ~ {self.literal()}", f"not {name}",
        )

    # Statements

    def expression_of_some_kind(self):
        return self.safe_expression() if self.chance.random() < 0.7 else self.expression()

    def text(self):
        return self.pick(" ", "\n", "Hello ", "system:\n", "# user:\n", "a\n  b", "  \n", "{ x }", "é", "}}", "\t", "", "\n\n", "100% ", "'\"")

    def tag(self, content):
        return f"{{%{self.pick('', '', '', '', '-', '+')} {content} {self.pick('', '', '', '', '-', '+')}%}}"

    def output(self):
        return f"{{{{{self.pick('', '', '', '-')} {self.expression_of_some_kind()} {self.pick('', '', '', '-')}}}}}"

    def body(self, depth):
        return "".join(self.part(depth) for _ in range(self.chance.randint(1, 4 if depth < 2 else 2)))

    def part(self, depth):
        choice = self.chance.random()
        if choice < 0.3:
            return self.text()
        if choice < 0.65 or depth > 3:
            return self.output()
        if choice < 0.75:
            return self.condition(depth)
        if choice < 0.86:
            return self.loop(depth)
        if choice < 0.93:
            return self.assignment(depth)
        if choice < 0.95:
            return f"{{#{self.pick('', '-')} note {self.pick('', '-', '+')}#}}"
        if choice < 0.97:
            return self.tag("raw").replace("+%}", "%}") + "{{ raw }} {% x %}" + self.tag("endraw")
        return self.tag(f"with {self.name()} = {self.safe_expression()}") + self.body(depth + 1) + self.tag("endwith")

    def condition(self, depth):
        result = self.tag(f"if {self.expression_of_some_kind()}") + self.body(depth + 1)
        if self.chance.random() < 0.3:
            result += self.tag(f"elif {self.expression_of_some_kind()}") + self.body(depth + 1)
        if self.chance.random() < 0.4:
            result += self.tag("else") + self.body(depth + 1)
        return result + self.tag("endif")

    def loop(self, depth):
        iterable = self.pick(
            "[1, 2, 3]", "['a', 'b']", "range(3)", "'xyz'", "items", "a", "user", "b.tags", "missing", "[]", "{'k': 1, 'j': 2}", "x|list",
            "text|string", "[n, a]",
        )
        target = self.pick("x", "item", "a", "n")
        if self.chance.random() < 0.15:
            target, iterable = self.pick(("k, v", "{'p': 1, 'q': [2]}.items()"), ("(k, v)", "[[1, 2], 'ab']"), ("k, (v, w)", "[[1, [2, 3]]]"))
        condition = f" if {self.pick(target.split(',')[0].strip('('), 'true', 'n', 'missing is defined')}" if self.chance.random() < 0.15 else ""
        inside = self.body(depth + 1)
        if self.chance.random() < 0.5:
            field = self.pick("index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem", "nextitem", "depth")
            inside += f"{{{{ loop.{field} }}}}"
        if self.chance.random() < 0.1:
            inside += "{{ loop.cycle('o', 'e') }}{{ loop.changed(n) }}"
        otherwise = self.tag("else") + self.body(depth + 1) if self.chance.random() < 0.2 else ""
        return self.tag(f"for {target} in {iterable}{condition}") + inside + otherwise + self.tag("endfor")

    def assignment(self, depth):
        choice = self.chance.random()
        name = self.pick("x", "y", "a", "n", "total")
        if choice < 0.15:
            return self.tag(f"set {name}") + self.body(depth + 1) + self.tag("endset")
        if choice < 0.25:
            return self.tag(f"set {name}, z = 1, {self.safe_expression()}")
        return self.tag(f"set {name} = {self.expression_of_some_kind()}") + f"{{{{ {name} }}}}"


def cases(count=COUNT, seed=SEED):
    for number in range(count):
        chance = random.Random(seed * 100003 + number)
        values = {name: Values(chance).make() for name in NAMES[:-1] if chance.random() < 0.85}
        yield Templates(chance).body(0) or "x", values
