"""Scores deterministic rows with the reference packages and prints one JSON object per row.

Usage: reference.py rows COUNT [all] | long | corpus | characters | stems | time FILE | azure
The Swift tests compare their own scores with these; see README.md.
"""

import collections
import json
import os
import random
import re
import string
import sys
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["NLTK_DATA"] = os.path.join(HERE, "nltk_data")
warnings.filterwarnings("ignore")

import nltk  # noqa: E402

nltk.data.path[:] = [os.environ["NLTK_DATA"]]
import textstat  # noqa: E402
from nltk.stem.porter import PorterStemmer  # noqa: E402
from nltk.tokenize.nist import NISTTokenizer  # noqa: E402
from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu  # noqa: E402
from nltk.translate.gleu_score import sentence_gleu  # noqa: E402
from nltk.translate.meteor_score import meteor_score  # noqa: E402
from rapidfuzz.distance import Hamming, JaroWinkler, Levenshtein  # noqa: E402
from rouge_score.rouge_scorer import RougeScorer  # noqa: E402
from sacrebleu.metrics import BLEU, CHRF  # noqa: E402


class NoSynonyms:
    """Stands in for WordNet, so that METEOR uses its first two stages only."""

    def synsets(self, word):
        return []


SMOOTHING = SmoothingFunction().method4
BLEU_SENTENCE = BLEU(effective_order=True)
CHRF_1 = CHRF(word_order=0)
CHRF_2 = CHRF(word_order=2)
ROUGE = {stem: RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=stem) for stem in (False, True)}


def azure_tokens(text):
    return nltk.word_tokenize(text) if text.isascii() else NISTTokenizer().international_tokenize(text)


def squad_f1(response, truth):
    """Azure's F1. Its package cannot be installed beside pandas 3, so the rule is written out; `azure` compares them."""

    def tokens(text):
        kept = "".join(character for character in text.lower() if character not in string.punctuation)
        return collections.Counter(re.sub(r"\b(?:the|an|a)\b", " ", kept).split())

    predicted, expected = tokens(response), tokens(truth)
    common = (predicted & expected).total()
    if common == 0:
        return 0.0
    precision, recall = common / predicted.total(), common / expected.total()
    return 2.0 * precision * recall / (precision + recall)


def check_azure():
    """Compares the rule above with the evaluator itself, in an environment that has azure-ai-evaluation 1.18.10."""
    from azure.ai.evaluation import F1ScoreEvaluator

    evaluator = F1ScoreEvaluator()
    compared = 0
    for prediction, references in real_rows() + generated_rows(700):
        for reference in references:
            theirs = evaluator._compute_f1_score(response=prediction, ground_truth=reference)
            assert squad_f1(prediction, reference) == theirs, (prediction, reference)
            compared += 1
    print(f"{compared} pairs equal")


def load(name):
    with open(os.path.join(HERE, "data", name + ".jsonl"), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def real_rows():
    rows = []
    for item in load("gsm8k"):
        rows += [(solution, [item["truth"]]) for solution in item["solutions"]]
    rows += [(item["first"], [item["second"]]) for item in load("pandalm")]
    rows += [(item["response"], [item["knowledge"]]) for item in load("begin")]
    for item in load("xquad"):
        rows.append((item["context"], [item["question"]] + item["answers"]))
        rows.append((item["answers"][0], [item["context"], item["question"], item["answers"][0].lower()]))
    return rows


PIECES = [
    "the", "a", "an", "The", "cat", "sat", "on", "mat", "running", "ponies", "agreed", "cannot", "gonna", "wanna ",
    "don't", "I'll", "they've", "'tis", "'twas", "d'ye", "more'n", "rock 'n' roll", "dogs'", "it's", "N'T", "can't",
    "Mr.", "Dr. Smith", "U.S.", "e.g.", "i.e.", "Inc.", "J. Bach", "3.14", "1,000", "$5.00", "50%", "10-20", "5 -",
    "-7", "x.y", "end.", "Really?!", "wow!!!", "...", "..", ". . .", "--", "---", "(hi)", "[ok]", "{z}", "<b>", "\"",
    "''", "``", "`", "'", "\"quoted\"", "“curly”", "‘single’", "«guillemets»", "„low“", "–", "—", "&amp;", "&lt;",
    "&quot;", "&amp;lt;", "&#91;", "&apos;", "<skipped>", "-\n", "\n", "\n\n", "\t", "\r\n", "\u00a0", "\u2028", "\u3000",
    "\x1c", "\x85", "\u200b", "\ufeff", "@user", "#tag", "a;b", "a:b", "a:", "a,", "1:2", "1,a", ":", ",", ";", "*", "**bold**", "_x_",
    "http://a.b/c?d=e&f=g", "naïve", "café", "cafe\u0301", "ΣΑΣ", "ΟΔΟΣ.", "İstanbul", "ıslak", "ſet", "\u212aelvin", "ǅ",
    "straße", "Ⅷ", "ⅷ", "½", "٣٤", "१२", "²", "①", "你好", "世界。", "，", "日本語", "カタカナ", "한국어", "ภาษาไทย", "สวัสดี",
    "العربية", "مرحبا،", "עברית", "हिन्दी", "Bahasa Indonesia", "selamat pagi", "anak-anak", "русский", "ДОМ", "ελληνικά",
    "😀", "👩‍👩‍👧‍👦", "🇮🇩", "👍🏽", "e\u0301\u0302", "\U0001d400", "\U00020000", "\u0e01\u0e33", "\u1100\u1161", "\u0130", "€5", "£", "±", "→", "™",
    "happily", "relational", "conditional", "skies", "dying", "generalizations", "oscillators", "yyyy", "sky", "hopping", "falling", "geology",
]
SEPARATORS = [" ", " ", " ", " ", "", "  ", "\n", ". ", ", "]


def generated_rows(count):
    generator = random.Random(20260822)

    def text(length):
        parts = []
        for _ in range(length):
            parts += [generator.choice(PIECES), generator.choice(SEPARATORS)]
        return "".join(parts)

    def changed(source):
        characters = list(source)
        for _ in range(generator.randint(0, max(1, len(characters) // 4))):
            place = generator.randrange(len(characters) + 1)
            if characters and generator.random() < 0.5:
                del characters[min(place, len(characters) - 1)]
            else:
                characters.insert(place, generator.choice(["a", " ", ".", "'", "é", "世", "-", "3", "\n"]))
        return "".join(characters)

    fixed = ["", " ", "\n", " \t\n ", ".", "?!", "...", ",;:", "a", "the", "The the an", "...!!!???", "'", "\"", "😀", "世", "0", "."]
    rows = [(first, [second]) for first in fixed for second in fixed]
    ascii_pieces = [piece for piece in PIECES if piece.isascii()]
    for number in range(count):
        if number % 3 == 0:
            parts = [generator.choice(ascii_pieces) + generator.choice(SEPARATORS) for _ in range(generator.randint(1, 40))]
            prediction = "".join(parts)
        else:
            prediction = text(generator.randint(1, 30))
        references = [changed(prediction) for _ in range(generator.randint(1, 3))]
        if generator.random() < 0.3:
            references.append(text(generator.randint(1, 20)))
        rows.append((prediction, references))
    rows.append(("word " * 200, ["word " * 150]))
    rows.append(("a b " * 100, ["b a " * 100]))
    return rows


def triple(score):
    return [score.precision, score.recall, score.fmeasure]


def rouge(scorer, prediction, references):
    best = scorer.score_multi(references, prediction)
    return [triple(best[kind]) for kind in ("rouge1", "rouge2", "rougeL", "rougeLsum")]


def repetition(text):
    from datatrove.pipeline.filters import gopher_repetition_filter as gopher

    if not text:
        return [0.0] * 13
    size = len(text)
    paragraphs = re.compile(r"\n{2,}").split(text.strip())
    lines = re.compile("\n+").split(text)
    words = text.split()
    result = []
    for parts in (lines, paragraphs):
        elements, characters = gopher.find_duplicates(parts)
        result += [elements / len(parts), characters / size]
    for n in (2, 3, 4):
        grams = gopher.get_n_grams(words, n)
        result.append(gopher.find_top_duplicate(grams) / size if grams else 0.0)
    result += [gopher.find_all_duplicate(words, n) / size for n in range(5, 11)]
    return result


def score(prediction, references):
    tokens = azure_tokens(prediction)
    reference_tokens = [azure_tokens(reference) for reference in references]
    first = references[0]
    return {
        "prediction": prediction,
        "references": references,
        "tokens": tokens,
        "words": nltk.word_tokenize(prediction),
        "f1": max(squad_f1(prediction, reference) for reference in references),
        "sacreBLEU": BLEU_SENTENCE.sentence_score(prediction, references).score,
        "nltkBleu": float(sentence_bleu(reference_tokens, tokens, smoothing_function=SMOOTHING)),
        "gleu": float(sentence_gleu(reference_tokens, tokens)),
        "meteor": float(meteor_score(reference_tokens, tokens, wordnet=NoSynonyms())),
        "rouge": rouge(ROUGE[False], prediction, references),
        "rougeStemmed": rouge(ROUGE[True], prediction, references),
        "chrF": CHRF_1.sentence_score(prediction, references).score,
        "chrFPlusPlus": CHRF_2.sentence_score(prediction, references).score,
        "levenshtein": Levenshtein.distance(prediction, first),
        "levenshteinSimilarity": Levenshtein.normalized_similarity(prediction, first),
        "jaroWinkler": JaroWinkler.similarity(prediction, first),
        "hamming": Hamming.distance(prediction, first, pad=True),
        "readability": [
            float(textstat.automated_readability_index(prediction)),
            float(textstat.coleman_liau_index(prediction)),
            float(textstat.lix(prediction)),
        ],
        "repetition": repetition(prediction),
    }


def long_rows():
    """Texts of 200 KB, for the metrics whose references are fast enough."""
    generator = random.Random(7)
    texts = []
    for pieces in (PIECES, ["spam "], [piece for piece in PIECES if piece.isascii()]):
        parts = []
        size = 0
        while size < 200_000:
            parts.append(generator.choice(pieces) + generator.choice(SEPARATORS))
            size += len(parts[-1].encode())
        texts.append("".join(parts))
    texts.append("." * 200_000)
    texts.append("'" * 50_000 + "y" * 50_000 + "-." * 50_000)
    return [(texts[0], texts[1]), (texts[2], texts[3]), (texts[4], texts[0])]


def print_rows(count):
    # Every other real row keeps the run short; `rows COUNT all` compares them all.
    step = 1 if sys.argv[3:] == ["all"] else 2
    for prediction, references in real_rows()[::step] + generated_rows(count):
        print(json.dumps(score(prediction, references)))


def print_long_rows():
    for prediction, reference in long_rows():
        tokens, other = azure_tokens(prediction), azure_tokens(reference)
        print(json.dumps({
            "prediction": prediction,
            "reference": reference,
            "f1": squad_f1(prediction, reference),
            "sacreBLEU": BLEU_SENTENCE.sentence_score(prediction, [reference]).score,
            "nltkBleu": float(sentence_bleu([other], tokens, smoothing_function=SMOOTHING)),
            "chrF": CHRF_1.sentence_score(prediction, [reference]).score,
            "levenshtein": Levenshtein.distance(prediction[:20_000], reference[:20_000]),
        }))


def print_corpus():
    rows = [(prediction, references[0]) for prediction, references in real_rows()]
    bleu = BLEU()
    result = bleu.corpus_score([row[0] for row in rows], [[row[1] for row in rows]])
    print(json.dumps({"rows": rows, "score": result.score, "signature": str(bleu.get_signature())}))


def print_characters():
    """What Python says about every assigned character of the basic plane."""
    import unicodedata

    import regex

    result = {"space": [], "word": [], "digit": [], "upper": [], "lower": [], "lowered": [], "assigned": [], "regexSpace": [], "regexWord": []}
    word, digit, space = re.compile(r"\w"), re.compile(r"\d"), re.compile(r"\s")
    for number in range(0x10000):
        character = chr(number)
        if unicodedata.category(character) in ("Cn", "Cs"):
            continue
        result["assigned"].append(number)
        for name, holds in (
            ("space", bool(space.match(character)) and character.isspace()),
            ("word", bool(word.match(character))),
            ("digit", bool(digit.match(character))),
            ("upper", character.isupper()),
            ("lower", character.islower()),
            ("regexSpace", bool(regex.match(r"\s", character))),
            ("regexWord", bool(regex.match(r"\w", character))),
        ):
            if holds:
                result[name].append(number)
        if character.lower() != character:
            result["lowered"].append([number, [ord(part) for part in character.lower()]])
    print(json.dumps(result))


def print_stems():
    words = set()
    for prediction, references in real_rows() + generated_rows(300):
        for text in [prediction] + references:
            words.update(re.findall(r"[a-z]+", text.lower()))
            words.update(part.lower() for part in text.split())
    generator = random.Random(3)
    endings = "s sses ies ied eed ed ing y ational tional enci anci izer abli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize e ll".split()
    for _ in range(20_000):
        start = "".join(generator.choice("aeioubcdfglmnprstvwxyyz") for _ in range(generator.randint(0, 6)))
        words.add(start + generator.choice(endings) + generator.choice(["", generator.choice(endings)]))
    stemmer = PorterStemmer()
    words.discard("")
    print(json.dumps([[word, stemmer.stem(word)] for word in sorted(words)]))


def print_times(path):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    measures = {
        "f1": squad_f1,
        "sacreBLEU": lambda p, r: BLEU_SENTENCE.sentence_score(p, [r]),
        "chrF": lambda p, r: CHRF_1.sentence_score(p, [r]),
        "rouge1/2/L": lambda p, r: scorer.score(r, p),
        "nltkBleu": lambda p, r: sentence_bleu([azure_tokens(r)], azure_tokens(p), smoothing_function=SMOOTHING),
        "gleu": lambda p, r: sentence_gleu([azure_tokens(r)], azure_tokens(p)),
        "meteor": lambda p, r: meteor_score([azure_tokens(r)], azure_tokens(p), wordnet=NoSynonyms()),
        "levenshtein": lambda p, r: Levenshtein.normalized_similarity(p, r),
    }
    total = 0.0
    for name, measure in measures.items():
        start = time.process_time()
        for row in rows:
            measure(row["prediction"], row["reference"])
        used = time.process_time() - start
        total += used
        print(f"{name:12} {used:8.2f} CPU-s", flush=True)
    print(f"{'total':12} {total:8.2f} CPU-s for {len(rows)} rows")


COMMANDS = {
    "azure": check_azure,
    "rows": lambda: print_rows(int(sys.argv[2])),
    "long": print_long_rows,
    "corpus": print_corpus,
    "characters": print_characters,
    "stems": print_stems,
    "time": lambda: print_times(sys.argv[2]),
}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]]()
