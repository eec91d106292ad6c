"""Templates written by hand: one for each feature and each trap we know of."""

VALUES = {
    "name": "Ada", "empty": "", "text": "  The quick, brown fox\njumps over the lazy dog.  ", "html": "<b>\"x\" & 'y'</b>",
    "unicode": "Straße ΟΔΟΣ élan e\u0301 İ ǆ 漢字 🙂 \u200b\u00a0x", "quote": "it's \"both\"", "single": "it's",
    "n": 7, "zero": 0, "neg": -7, "big": 123456789012, "f": 2.5, "tiny": 1e-05, "huge": 1e16, "third": 1 / 3, "whole": 3.0,
    "yes": True, "no": False, "nothing": None, "lst": [1, 2, 3], "strs": ["b", "A", "c", "a"], "none_list": [],
    "mixed": [1, "a", None, True, 2.0, [1], {"k": "v"}], "nested": [[1, 2], [3, 4], [5, 6]],
    "d": {"b": 1, "a": [1, {"x": None}], "C": "z"}, "empty_map": {}, "methods": {"items": [1, 2], "get": 3, "keys": "k"},
    "users": [
        {"name": "bob", "age": 30, "tags": ["x", "y"], "address": {"city": "Rome"}, "active": True},
        {"name": "Al", "age": 25, "tags": [], "address": {"city": "Oslo"}, "active": False},
        {"name": "cy", "age": 30, "tags": ["z"], "address": {"city": "Bern"}, "active": True},
    ],
    "history": [
        {"inputs": {"question": "hi"}, "outputs": {"answer": "hello"}},
        {"inputs": {"question": "how?"}, "outputs": {"answer": "fine"}},
    ],
}

# One template a line; ⏎, ␍ and ␉ stand for the characters they depict.
TEMPLATES = """
plain
{{ name }}
{{name}}{{n}}
{{ missing }}|
{{ missing.attribute }}
{{ missing['x'] }}
{{ name.missing }}|
{{ d.missing.more }}
{{ nothing }}
{{ nothing.x }}|
{{ yes }} {{ no }} {{ true }} {{ True }} {{ none }} {{ None }} {{ false }}
{{ f }} {{ whole }} {{ tiny }} {{ huge }} {{ third }} {{ 1e22 }} {{ 1e-7 }} {{ 123456789.123 }} {{ 1e15 }} {{ 0.0001 }}
{{ 0.1 + 0.2 }} {{ 1e300 * 1e10 }} {{ -0.0 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }} {{ 9007199254740993.0 }}
{{ lst }} {{ mixed }} {{ d }} {{ nested }} {{ none_list }} {{ empty_map }}
{{ [unicode] }} {{ [quote, single, html, text] }}
{{ ['\\x00\\x7f\\x85\\u2028\\U0001f600\\n\\t\\r\\\\'] }}
{{ 'a\\tb\\\\c\\'d"' }} {{ "q\\"q" }} {{ '\\d' }} {{ '\\101' }} {{ 'a' 'b' "c" }}
{{ '\\x4' }}
{{ (1,) }} {{ (1, 2) }} {{ () }} {{ 1, 2 }} {{ [1, [2, (3,)]] }}
{{ {'a': 1, 'b': [1]} }} {{ {'a': 1, 'a': 2} }} {{ {} }}
{{ {'a': {'b': 1}}.a.b }} {{ {'a': {'b': {}}}}}
{{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_0.5 }} {{ 00 }}
{{ 007 }}
{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 2 ** -1 }} {{ 10 - 3 - 2 }}
{{ 7 / 2 }} {{ 6 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 // -2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ -7 % -3 }}
{{ 7.5 // 2 }} {{ -7.5 // 2 }} {{ 7.5 % 2 }} {{ -7.5 % 2 }} {{ 7 % 2.5 }} {{ 2.0 ** 0.5 }} {{ 1e308 * 10 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ 1.0 / 0 }}
{{ 0 ** -1 }}
{{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [1] * 2 }} {{ 'a' * -1 }}| {{ 'a' * true }}
{{ 'a' + 'b' }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ true + 1 }}
{{ 'a' + 1 }}
{{ 1 + none }}
{{ missing + 1 }}
{{ [1] + (2,) }}
{{ 'a' - 'b' }}
{{ -'a' }}
{{ +n }} {{ -n }} {{ --n }} {{ -true }} {{ +f }}
{{-1}} {{- 2 -}} {{ -3 }}
{{ 'a' ~ 1 ~ none ~ 1.5 ~ [1, 'x'] ~ missing }}
{{ 1 ~ 2 + 3 }}
{{ 1 == 1.0 }} {{ true == 1 }} {{ '1' == 1 }} {{ none == false }} {{ [1] == (1,) }} {{ [1, [2]] == [1.0, [2]] }} {{ {'a': 1} == {'a': 1.0} }}
{{ 1 != 2 }} {{ 'a' < 'b' }} {{ 'B' < 'a' }} {{ [1, 2] < [1, 3] }} {{ (1,) < (1, 2) }} {{ 1 <= 1.0 }} {{ true > false }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 3 > 2 > 1 == true }} {{ 1 == 1 != 2 }}
{{ 1 < 'a' }}
{{ none < 1 }}
{{ missing < 1 }}
{{ missing == missing2 }} {{ missing != 1 }} {{ missing == none }}
{{ d < d }}
{{ 2 in lst }} {{ 5 in lst }} {{ 'a' in d }} {{ 'z' in d }} {{ 'A' in name }} {{ '' in name }} {{ 2 not in lst }} {{ 1.0 in lst }} {{ 1 in d }}
{{ 1 in 'abc' }}
{{ 1 in none }}
{{ 'a' in missing }}
{{ [1] in d }}
{{ missing in 'abc' }}
{{ not yes }} {{ not missing }} {{ not not n }} {{ not 1 == 2 }} {{ yes and n }} {{ no or name }} {{ empty or 'x' }} {{ n and empty }}|
{{ yes and no or name }} {{ no and no or no }} {{ yes or missing.x }} {{ 1 and 2 and 3 }} {{ 0 or '' or [] }}
{{ 'a' if yes else 'b' }} {{ 'a' if no else 'b' }} {{ 'a' if no }}| {{ 1 if no else 2 if no else 3 }} {{ 'a' if 'b' if no else yes else 'c' }}
{{ ('x' if no).y }}
{{ lst[0] }} {{ lst[-1] }} {{ lst[9] }}| {{ lst['x'] }}| {{ lst[1.0] }}| {{ lst[true] }} {{ lst.0 }} {{ nested.1.0 }} {{ name[0] }} {{ name[-1] }} {{ name[9] }}|
{{ d['b'] }} {{ d['a'][1]['x'] }} {{ d.a.1.x }} {{ d['nope'] }}| {{ d[missing] }}| {{ d[1] }}| {{ d['a'].0 }} {{ d.C }}
{{ lst[missing] }}|{{ none['x'] }}|{{ n['x'] }}|{{ n[0] }}|
{{ lst[1:] }} {{ lst[:2] }} {{ lst[::-1] }} {{ lst[::2] }} {{ lst[-2:] }} {{ name[1:] }} {{ unicode[0:6] }} {{ lst[5:] }} {{ lst[:] }} {{ lst[none:2] }} {{ lst[-9:9] }} {{ lst[2:0:-1] }} {{ (1,2,3)[1:] }}
{{ lst[::0] }}
{{ d[1:] }}
{{ missing[1:] }}
{{ lst['a':] }}
{{ n.real }} {{ n.imag }} {{ f.real }} {{ f.imag }} {{ n.denominator }} {{ yes.real }}
{{ name.upper }}
{{ methods.items }}
{{ methods['items'] }} {{ methods['get'] }} {{ methods.get('keys') }}
{% for x in methods.items %}{{ x }}{% endfor %}
{{ d['items'] }}
{{ d.__class__ }}|
{{ d.items() }} {{ d.keys() }} {{ d.values() }}
{{ d.items()|list }} {{ d.keys()|list }} {{ d.values()|list }} {{ d|items|list }} {{ d.get('b') }} {{ d.get('q') }} {{ d.get('q', 5) }}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in d %}{{ k }},{% endfor %}
{% for k, v in d|items %}{{ k }}{{ v }}{% endfor %}
{% for (a, b) in nested %}{{ a }}-{{ b }} {% endfor %}
{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in lst %}{{ a }}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}
{% for a, b in ['xy'] %}{{ a }}{{ b }}{% endfor %}
{% for a in 1, 2 %}{{ a }}{% endfor %}
{% for a in (1, 2) %}{{ a }}{% endfor %}
{% for c in name %}{{ c }}.{% endfor %}
{% for x in missing %}{{ x }}{% else %}none{% endfor %}
{% for x in none_list %}{{ x }}{% else %}empty{% endfor %}
{% for x in lst %}{{ x }}{% else %}empty{% endfor %}
{% for x in nothing %}{{ x }}{% endfor %}
{% for x in 5 %}{{ x }}{% endfor %}
{% for x in lst if x > 1 %}{{ x }}{{ loop.index }}/{{ loop.length }} {% endfor %}
{% for x in lst if x > 5 %}{{ x }}{% else %}nope{% endfor %}
{% for u in users if u.active %}{{ u.name }}{% if not loop.last %}, {% endif %}{% endfor %}
{% for x in lst %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }}|{% endfor %}
{% for x in lst %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}
{% for x in lst %}{{ loop.previtem is defined }}{{ loop.cycle('a', 'b') }}{{ loop.changed(x // 2) }}{{ loop.nope }}{{ loop['index'] }} {% endfor %}
{% for x in nested %}{% for y in x %}{{ loop.index }}{{ y }}{% endfor %}{{ loop.index }}{% endfor %}
{% for x in nested %}{% for y in [] %}{% else %}{{ loop.index }}{% endfor %}{% endfor %}
{% for x in lst %}{% else %}{{ loop.index }}{% endfor %}
{{ loop }}|
{% for x in lst %}{% for y in loop.length|string %}{{ y }}{% endfor %}{% endfor %}
{% for loop in lst %}{{ loop }}{% endfor %}
{% for x in lst %}{% set loop = 1 %}{% endfor %}
{% for x in lst %}{% endfor %}{{ x }}|
{% for name in lst %}{{ name }}{% endfor %}{{ name }}
{% for x in lst %}{{ x }}{% set name = x %}{{ name }}{% endfor %}{{ name }}
{% set t = 0 %}{% for x in lst %}{{ t }}{% set t = t + x %}{{ t }},{% endfor %}{{ t }}
{% for x in lst %}{{ y }}{% set y = x %}{{ y }},{% endfor %}{{ y }}|
{% for x in lst %}{% if loop.first %}{% set q = 1 %}{% endif %}{{ q }}|{% endfor %}
{% for i in lst %}{{ later }}{% endfor %}{% set later = 1 %}{{ later }}
{{ name }}{% set name = 'x' %}{{ name }}
{% if no %}{% set name = 'x' %}{% endif %}{{ name }}
{% if yes %}{% set name = 'x' %}{% endif %}{{ name }}
{% if no %}{% set fresh = 'x' %}{% endif %}{{ fresh }}|
{% if yes %}{% set a1 = 1 %}{% else %}{% set b1 = 2 %}{% endif %}{{ a1 }}{{ b1 }}|
{% if no %}{% elif no %}{% set e1 = 1 %}{% elif yes %}{% set e1 = 2 %}{% else %}{% set e1 = 3 %}{% endif %}{{ e1 }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set a = 1, 2 %}{{ a }}
{% set (a, b) = [3, 4] %}{{ a }}{{ b }}
{% set a = missing %}{{ a }}|{{ a is defined }}
{% set x = 1 %}{% set x = x + 1 %}{{ x }}
{% set block %}Hi {{ name }}{% endset %}{{ block }}!{{ block|length }}
{% set block %}{% set inner = 1 %}{{ inner }}{% endset %}{{ block }}{{ inner }}|
{% set true = 1 %}
{% set a.b = 1 %}
{% set 1 = 2 %}
{% with a = 1, b = name %}{{ a }}{{ b }}{% endwith %}{{ a }}|
{% with a = 1 %}{% set a = 2 %}{% set name = 'q' %}{{ a }}{{ name }}{% endwith %}{{ name }}
{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}|
{% with a = 1, b = a %}{{ b }}{% endwith %}|
{% if n > 5 %}big{% elif n > 3 %}mid{% else %}small{% endif %}
{% if zero %}a{% elif missing %}b{% else %}c{% endif %}
{% if lst and not none_list %}x{% endif %}{% if empty_map %}y{% endif %}
{% if n, %}x{% endif %}
{% if yes: %}x{% endif %}
{# comment #}a{# two
lines #}b
{#- strip -#} a {#- strip -#} b
{{ 'a' }}  {{- 'b' -}}  {{ 'c' }}
a  {%- if yes -%}  b  {%- endif -%}  c
a⏎{% if yes %}⏎b⏎{% endif %}⏎c⏎
a⏎{% if yes +%}⏎b⏎{%+ endif %}⏎c⏎
a⏎  {% if yes %}  ⏎b{% endif %}⏎⏎c
{# c #}⏎x{# c +#}⏎y{# c -#}⏎⏎ z
{{ n }}⏎{{ n -}}⏎{{ n }}⏎
{{ n +}}
{{+ n }} {{+n}}
{% raw %}{{ x }}{% if %}{# c #}{% endraw %}
{% raw %}⏎ a ⏎{% endraw %}⏎b
a {%- raw -%}  x  {%- endraw -%}  b
{%raw%}x{%endraw%} {% raw -%} y {% endraw +%}⏎z
{% raw +%}x{% endraw %}
{% raw %}x
{# open
{{ n
{{ n }
{% if n
{% if n %}
{% endif %}
{% for x in lst %}{% endif %}
{% else %}
{{ }}
{{ n n }}
{{ 1 + }}
{{ (1 }}
{{ [1 }}
{{ 1] }}
{{ {'a' 1} }}
{{ 'open }}
{{ n | }}
{{ n is }}
{{ a.b. }}
{{ a..b }}
{{ $ }}
{{ a ? b }}
{{ not }}
{% for in lst %}{% endfor %}
{% for x lst %}{% endfor %}
{% set %}
{% set x %}
{% %}
{{ '}}' }} {{ "%}" }} {% if '%}' %}x{% endif %} { { } } {{ '{{' }} }} %} #}
{{ {'a': 1}['a'] }} {{ [{'a': [{}]}] }}
a { b {x} $%{ 
{{ text|trim }}|{{ text.strip() }}|{{ 'xxaxx'|trim('x') }}|{{ '  a '.lstrip() }}|{{ 'a  '.rstrip() }}|{{ 'xyaxy'.strip('xy') }}
{{ name|upper }} {{ name|lower }} {{ unicode|upper }} {{ unicode|lower }} {{ unicode|title }} {{ unicode|capitalize }} {{ unicode.title() }} {{ none|upper }} {{ 1.5|lower }}
{{ 'hello world-foo (bar) [baz] {q} <r> it\\'s 3d'|title }} {{ "they're bill's".title() }} {{ 'hELLO wORLD'|capitalize }} {{ ''|title }} {{ ''|capitalize }}
{{ 'ΑΣ ΑΣΑ Σ ΑΣ.'|lower }} {{ 'ǆabc'|capitalize }} {{ 'ŉ'|upper }} {{ 'ß'.capitalize() }}
{{ name|length }} {{ lst|count }} {{ d|length }} {{ missing|length }} {{ unicode|length }} {{ 'e\\u0301'|length }}
{{ n|length }}
{{ none|length }}
{{ lst|join }} {{ lst|join(', ') }} {{ mixed|join('-') }} {{ users|join(', ', attribute='name') }} {{ users|join(attribute='address.city') }} {{ name|join('.') }} {{ d|join(' ') }} {{ missing|join }}| {{ lst|join(1) }} {{ lst|join(d='+') }}
{{ n|join }}
{{ users|join(',', 'nope') }}
{{ users|join(',', 'nope.more') }}
{{ missing|default('x') }} {{ missing|d }}| {{ empty|default('x') }}| {{ empty|default('x', true) }} {{ none|default('x') }} {{ none|default('x', boolean=true) }} {{ d.q|default(5) }} {{ missing|default(default_value='k') }}
{{ name|replace('A', 'O') }} {{ 'aaaa'|replace('a', 'b', 2) }} {{ 'abc'|replace('', '-') }} {{ 12345|replace(3, 'x') }} {{ 'abc'.replace('b', '') }} {{ 'aaa'.replace('a', 'b', 1) }} {{ 'é漢'|replace('', '-') }} {{ ''|replace('', 'x') }} {{ 'ab'|replace('', '-', 2) }} {{ 'aXbXc'|replace('X', 'YX') }}
{{ name|replace('A') }}
{{ d|tojson }} {{ mixed|tojson }} {{ html|tojson }} {{ unicode|tojson }} {{ text|tojson }} {{ none|tojson }} {{ f|tojson }} {{ tiny|tojson }} {{ (1, 2)|tojson }} {{ '\\x7f\\x00\\b\\f'|tojson }} {{ '/'|tojson }}
{{ d|tojson(2) }} {{ d|tojson(indent=1) }} {{ none_list|tojson(2) }} {{ empty_map|tojson(2) }} {{ nested|tojson(0) }} {{ lst|tojson(none) }} {{ d|tojson('ab') }}
{{ missing|tojson }}
{{ d.items()|tojson }}
{{ lst|map('string')|tojson }}
{{ lst|first }} {{ lst|last }} {{ name|first }} {{ name|last }} {{ none_list|first }}| {{ none_list|last }}| {{ d|first }} {{ d|last }} {{ missing|first }}| {{ missing|last }}| {{ lst|map('string')|first }} {{ d.items()|last }} {{ d.values()|first }}
{{ n|first }}
{{ lst|map('string')|last }}
{{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 42.55|round(1) }} {{ 42.55|round(1, 'floor') }} {{ 42.51|round(1, 'ceil') }} {{ -2.5|round }} {{ 5|round }} {{ 1234|round(-2) }} {{ 1250|round(-2) }} {{ 1350|round(-2) }} {{ -1250|round(-2) }} {{ 1234.5|round(-2) }} {{ 7|round(0, 'ceil') }} {{ 0.5|round|int }} {{ 1e16|round(2) }} {{ true|round }} {{ 2.5|round(method='ceil') }} {{ 0.125|round(2) }} {{ 1e-10|round(5) }} {{ 55|round(-3) }}
{{ 'a'|round }}
{{ missing|round }}
{{ 1.5|round(1, 'up') }}
{{ '42'|int }} {{ '4.7'|int }} {{ 'x'|int }} {{ 'x'|int(5) }} {{ '0x1F'|int(base=16) }} {{ '1F'|int(0, 16) }} {{ '101'|int(base=2) }} {{ none|int }} {{ lst|int }} {{ 4.9|int }} {{ -4.9|int }} {{ true|int }} {{ ' 42 '|int }} {{ '1_000'|int }} {{ '-5'|int }} {{ ''|int }} {{ '1e3'|int }} {{ 'inf'|int }} {{ '0b11'|int(base=0) }} {{ '012'|int(7, 0) }} {{ '--1'|int }} {{ '1__0'|int }} {{ '_1'|int }}
{{ missing|int }}
{{ (1e308 * 10)|int }}
{{ '3.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 3|float }} {{ none|float }} {{ 'inf'|float }} {{ '-Infinity'|float }} {{ 'nan'|float }} {{ '1e5'|float }} {{ ' 2 '|float }} {{ '1_0.5'|float }} {{ '0x10'|float }} {{ '.5'|float }} {{ '5.'|float }} {{ 'x'|float(default='d') }} {{ true|float }} {{ '1e400'|float }}
{{ missing|float }}
{{ n|string ~ 'x' }} {{ lst|string }} {{ none|string|length }} {{ missing|string }}|
{{ name|list }} {{ d|list }} {{ missing|list }} {{ (1, 2)|list }}
{{ n|list }}
{{ users|map(attribute='name')|list }} {{ users|map(attribute='address.city')|join(',') }} {{ users|map(attribute='tags.0')|list }} {{ users|map(attribute='tags.0', default='-')|list }} {{ nested|map(attribute=0)|list }} {{ nested|map('first')|list }} {{ strs|map('upper')|join }} {{ lst|map('string')|join }} {{ strs|map('replace', 'a', 'Z')|list }} {{ nested|map('join', '+')|list }} {{ missing|map('upper')|list }} {{ lst|map('int', default=3)|list }} {{ users|map(attribute='nope')|list }} {{ users|map(attribute='nope', default=none)|list }}
{{ users|map(attribute='nope.more')|list }}
{{ users|map(attribute='nope.more', default='x')|list }}
{{ lst|map }}
{{ lst|map('string') }}
{{ strs|map('nope')|list }}
{{ n|map('string')|list }}
{{ users|selectattr('active')|map(attribute='name')|list }} {{ users|rejectattr('active')|map(attribute='name')|list }} {{ users|selectattr('age', 'equalto', 30)|map(attribute='name')|list }} {{ users|selectattr('age', '>', 26)|list|length }} {{ users|selectattr('nope', 'defined')|list }} {{ users|selectattr('name', 'in', ['bob', 'cy'])|map(attribute='age')|sum }} {{ users|selectattr('address.city', 'eq', 'Rome')|list|length }} {{ users|rejectattr('tags')|map(attribute='name')|first }}
{{ lst|select('odd')|list }} {{ lst|reject('odd')|list }} {{ mixed|select|list }} {{ mixed|reject|list }} {{ mixed|select('string')|list }} {{ lst|select('divisibleby', 3)|list }} {{ lst|select('gt', 1)|list }} {{ lst|select('in', [1, 2])|list }} {{ missing|select('odd')|list }} {{ strs|select('lower')|list }}
{{ lst|select('nope')|list }}
{{ users|selectattr }}
{{ 'a\\nb\\n\\nc'|indent }} {{ 'a\\nb'|indent(2, true) }} {{ 'a\\n\\nb'|indent(2, blank=true) }} {{ 'a\\nb'|indent('> ') }} {{ ''|indent }}| {{ 'a\\n'|indent }}| {{ 'a\\r\\nb'|indent }} {{ 'a\\nb'|indent(first=true, width=1) }} {{ '\\n'|indent }}|
{{ n|indent }}
{{ missing|indent }}
{{ html|escape }} {{ html|e|e }} {{ html|e|safe|e }} {{ n|e }} {{ missing|e }}| {{ none|e }} {{ html|safe }} {{ [html|e] }} {{ (html|e) + '<' }} {{ '<' + ('>'|e) }} {{ ('<'|e) ~ '<' }} {{ ('<'|safe)|upper|e }} {{ d|tojson|e }} {{ ('a<'|e).replace('a', '<') }} {{ ('<'|safe).join(['<', 'b']) }} {{ ('<b>'|safe)[0]|e }} {{ ('<a> <b>'|safe).split() }} {{ ('<'|e)|replace('&', '<')|e }} {{ ('<'|e) * 2 }} {{ ('<'|e) == '&lt;' }} {{ ('<'|e) is string }} {{ ('<'|e) is escaped }} {{ ('<'|safe)|trim|e }} {{ ('<'|safe)|string|e }} {{ ('<x'|safe)|title|e }} {{ ('<x'|safe)|reverse|e }} {{ ['<'|safe]|join|e }} {{ {'a': '<'|e} }}
{{ strs|sort }} {{ strs|sort(case_sensitive=true) }} {{ strs|sort(reverse=true) }} {{ lst|sort(true) }} {{ users|sort(attribute='name')|map(attribute='name')|list }} {{ users|sort(attribute='age,name')|map(attribute='name')|list }} {{ users|sort(attribute='age', reverse=true)|map(attribute='name')|list }} {{ d|sort }} {{ 'hello'|sort }} {{ missing|sort }} {{ nested|sort(attribute=1, reverse=true) }} {{ [3, 1.5, true]|sort }} {{ users|sort(attribute='nope')|length }}
{{ mixed|sort }}
{{ ['a', none]|sort }}
{{ n|sort }}
{{ ['a', 'A', 'b', 'B', 'a']|unique|list }} {{ ['a', 'A']|unique(true)|list }} {{ [1, 1.0, true, 2]|unique|list }} {{ users|unique(attribute='age')|map(attribute='name')|list }} {{ [none, none, 'None']|unique|list }} {{ [(1, 2), (1, 2), (1,)]|unique|list }}
{{ [[1], [1]]|unique|list }}
{{ lst|reverse|list }} {{ name|reverse }} {{ d|reverse|list }} {{ missing|reverse|list }} {{ d.items()|reverse|list }}
{{ n|reverse }}
{{ lst|reverse }}
{{ lst|sum }} {{ [1.5, 2]|sum }} {{ [0.1, 0.2, 0.3]|sum }} {{ users|sum(attribute='age') }} {{ lst|sum(start=10) }} {{ none_list|sum }} {{ missing|sum }} {{ [[1], [2]]|sum(start=[]) }} {{ lst|sum(none, 1) }}
{{ strs|sum }}
{{ strs|sum(start='') }}
{{ lst|min }} {{ lst|max }} {{ strs|min }} {{ strs|max }} {{ strs|max(true) }} {{ none_list|min }}| {{ users|max(attribute='age') }} {{ (users|min(attribute='age')).name }} {{ name|max }} {{ [1, 1.0]|max }} {{ [1, 1.0]|min }} {{ missing|max }}|
{{ mixed|max }}
{{ neg|abs }} {{ -2.5|abs }} {{ true|abs }} {{ zero|abs }}
{{ 'a'|abs }}
{{ missing|abs }}
{{ d|dictsort }} {{ d|dictsort(true) }} {{ {'b': 1, 'a': 2}|dictsort(by='value') }} {{ {'b': 1, 'a': 2}|dictsort(false, 'key', true) }} {{ empty_map|dictsort }}
{{ d|dictsort(by='value') }}
{{ d|dictsort(by='x') }}
{{ lst|dictsort }}
{{ missing|dictsort }}
{{ text|truncate(10) }} {{ 'foo bar baz qux'|truncate(9) }} {{ 'foo bar baz qux'|truncate(9, true) }} {{ 'foo bar baz qux'|truncate(11) }} {{ 'foo bar baz qux'|truncate(11, false, '!', 0) }} {{ 'foobarbazqux'|truncate(5, leeway=0) }} {{ missing|truncate }}| {{ lst|truncate }} {{ 'foo bar'|truncate(3, leeway=0) }}
{{ name|truncate(1) }}
{{ text|wordcount }} {{ "it's 3.5 a_b é漢字-x"|wordcount }} {{ n|wordcount }} {{ missing|wordcount }}
{{ lst|batch(2)|list }} {{ lst|batch(2, 0)|list }} {{ lst|batch(2, fill_with='x')|list }} {% for row in lst|batch(2) %}{{ row }}{% endfor %}
{{ lst|batch }}
{{ 'a b  c'.split() }} {{ 'a,b,,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ' a b c '.split(none, 1) }} {{ 'a b c'.rsplit(' ', 1) }} {{ ' a b c '.rsplit(none, 1) }} {{ ''.split() }} {{ ''.split(',') }} {{ 'aXXb'.split('XX') }} {{ 'a b c'.split(maxsplit=1) }} {{ 'aaaa'.split('aa') }} {{ 'aaa'.rsplit('aa') }}
{{ 'a'.split('') }}
{{ 'a\\nb\\r\\nc\\n'.splitlines() }} {{ ''.splitlines() }}
{{ name.startswith('A') }} {{ name.endswith('da') }} {{ name.startswith(('x', 'A')) }} {{ 'abcabc'.count('bc') }} {{ 'aaa'.count('') }} {{ 'é漢字'.find('字') }} {{ 'abc'.find('z') }} {{ 'abc'.index('c') }} {{ 'abc'.isalpha() }} {{ 'ab1'.isalnum() }} {{ '12'.isdigit() }} {{ '²'.isdigit() }} {{ ' '.isspace() }} {{ ''.isalpha() }} {{ 'aB'.islower() }} {{ 'AB1'.isupper() }} {{ 'TestHook'.removeprefix('Test') }} {{ 'MiscTests'.removesuffix('Tests') }} {{ lst.count(1) }} {{ lst.index(2) }} {{ (1, 2).index(2) }}
{{ 'abc'.index('z') }}
{{ lst.index(9) }}
{{ ', '.join(['a', 'b']) }} {{ ''.join(strs) }} {{ '-'.join('abc') }} {{ '-'.join(d) }}
{{ ','.join(lst) }}
{{ n.upper() }}
{{ missing.upper() }}
{{ d.upper() }}
{{ d.get() }}
{{ d.get([1]) }}
{{ name is defined }} {{ missing is defined }} {{ missing is undefined }} {{ d.q is defined }} {{ none is none }} {{ nothing is none }} {{ missing is none }} {{ name is not none }} {{ name is string }} {{ n is string }} {{ d is mapping }} {{ lst is mapping }} {{ n is number }} {{ yes is number }} {{ f is number }} {{ 'a' is number }} {{ lst is sequence }} {{ d is sequence }} {{ n is sequence }} {{ name is sequence }} {{ missing is sequence }} {{ lst is iterable }} {{ n is iterable }} {{ missing is iterable }}
{{ yes is true }} {{ 1 is true }} {{ no is false }} {{ yes is boolean }} {{ 1 is boolean }} {{ n is integer }} {{ yes is integer }} {{ f is float }} {{ n is float }} {{ 3 is odd }} {{ 3 is even }} {{ 4.0 is even }} {{ -3 is odd }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(4) }} {{ 2 is in lst }} {{ 'a' is in 'abc' }} {{ 1 is eq 1 }} {{ 1 is ne(2) }} {{ 1 is lt 2 }} {{ 1 is gt(2) }} {{ 1 is equalto 1.0 }} {{ 2 is ge 2 }} {{ 2 is le 1 }} {{ 'abc' is lower }} {{ 'ABC' is upper }} {{ '' is lower }} {{ missing is upper }} {{ 3 is greaterthan 2 }} {{ 3 is lessthan 2 }} {{ 1 is in [1] and 2 is not in [1] }}
{{ 'a' is odd }}
{{ missing is odd }}
{{ 1 is nope }}
{{ not missing is defined }} {{ missing is not defined and yes }} {{ 1 + 1 is string }} {{ -1|abs }} {{ 1 - 2|abs }} {{ 'a' ~ 'b'|upper }} {{ 2 is even == true }} {{ name|lower is string }} {{ n is divisibleby 7|string }} {{ (1 is odd)|string }}
{{ range(3) }} {{ range(3)|list }} {{ range(1, 7, 2)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }} {{ range(3)|last }} {{ range(3)[1] }} {{ range(3)|length }} {{ range(1, 3) }} {{ range(0, 6, 2) }} {{ 2 in range(3) }} {{ range(3) is sequence }} {{ range(2).stop }}
{% for i in range(3) %}{{ i }}{% endfor %}
{{ range(1, 2, 0) }}
{{ range('a') }}
{{ range(100001)|length }}
{{ range(100000)|length }}
{{ dict(a=1, b='x') }} {{ dict({'a': 1}, b=2) }} {{ dict() }} {{ dict([('a', 1)]) }} {{ dict(a=1).a }}
{{ lst|nope }}
{{ lst|join(x=1) }}
{{ lst|join(1, 2, 3) }}
{% nope %}
{% for message in history %}user: {{ message.inputs.question }}⏎assistant: {{ message.outputs.answer }}⏎{% endfor %}
system:⏎You are helpful.⏎{% for item in history %}⏎user:⏎{{item.inputs.question}}⏎assistant:⏎{{item.outputs.answer}}⏎{% endfor %}⏎user:⏎{{name}}⏎
{{ users[0].tags|join(', ') if users else 'none' }} {{ users|length > 2 and 'many' or 'few' }}
{% for u in users %}{% for t in u.tags %}{{ loop.index }}{{ t }}{{ u.name }}{% else %}-{% endfor %}{{ loop.index }};{% endfor %}
{% for u in users|sort(attribute='age') %}{{ loop.index }}. {{ u.name|title }} ({{ u.age }}){{ '' if loop.last else ', ' }}{% endfor %}
{% set ns = [] %}{% for x in lst %}{% set ns = ns + [x * 2] %}{% endfor %}{{ ns }}
{{ foo.bar if foo is defined else 'none' }} {{ (foo or {}).bar }}|{{ foo|default({})|length }}
{{ big * 1000 }} {{ big // 7 }} {{ big % 97 }} {{ big / 3 }} {{ 2 ** 62 }} {{ 9223372036854775807 }} {{ -9223372036854775807 }}
{{ é }}{{ 漢字 }}|{% set été = 1 %}{{ été }}
␉a␍⏎b␍c{{ n }}␍⏎{% if yes %}␍⏎x{% endif %}␍⏎
  {% if yes %}  x  {% endif %}  ⏎  {{ n }}
{{ [1, 2, 3,] }} {{ {'a': 1,} }} {{ (1, 2,) }} {{ lst|join(', ',) }}
{{ [,] }}
{{ a.b.c }}
""".strip("\n").split("\n")


def cases():
    for template in TEMPLATES:
        plain = template.replace("⏎", "\n").replace("␍", "\r").replace("␉", "\t")
        yield plain, VALUES
        # The parts of a line of many expressions one by one, so that one failure hides no other.
        if template.startswith("{{") and "%}" not in template and "}} {{" in template and "#" not in template:
            for part in template.split("}} {{"):
                part = part.strip()
                part = part if part.startswith("{{") else "{{ " + part
                part = part if part.rstrip("|").endswith("}}") else part + " }}"
                yield part, VALUES
    yield "\x1c{{- n -}}\x85\xa0 z", VALUES
    yield "{{ n -}} \u2003 z {#- x #} {%- if yes %} {%- endif %}", VALUES
    yield "{{ x }}", {"x": float("inf")}
    yield "{{ x }}{{ x|tojson }}", {"x": float("nan")}
    yield "{{ range }}", {"range": "mine"}
    yield "{{ dict.a }}", {"dict": {"a": 1}}
    yield "{{ 'a' < 'é' }}{{ 'é' == 'e\u0301' }}{{ ['é', 'z', 'a']|sort }}", {}
    yield "{{ x['é'] }}{{ x['e\u0301'] }}", {"x": {"é": 1, "e\u0301": 2}}
    yield "{{ x }}{{ x.k13 }}{{ x.nope }}", {"x": {f"k{i}": i for i in range(30)}}
    for value in (1e21, 1e16, 9999999999999998.0, 1e15, 123456789012345.6, 0.0001, 0.00012345, 1e-5, 1e100, 2.0**53, 2.0**60, -1e-7, 1.5e300, 100.0, 1e22, 4.35, 0.1, 1e-323):
        yield "{{ x }} {{ [x] }} {{ x|tojson }} {{ -x }} {{ x|round(3) }} {{ x // 3 }} {{ x % 3 }}", {"x": value}
    for a in (-7, -3, 0, 2, 7.5, -7.5, 1e10, True):
        for b in (-3, 2, 2.5, -0.5, True):
            yield "{{ a // b }} {{ a % b }} {{ a / b }} {{ a * b }} {{ a - b }} {{ a < b }} {{ a == b }}", {"a": a, "b": b}
