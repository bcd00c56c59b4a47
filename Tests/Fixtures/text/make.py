#!/usr/bin/env python3
"""Texts with what sacrebleu and rouge-score say of them: make.py > golden.json

Run in the environment of ops/interop (ops/venv.sh interop; sacrebleu 2.6.0, rouge-score 0.1.2).
"""
import json
import pathlib
import random
import re

import sacrebleu
from nltk.stem import porter
from rouge_score import rouge_scorer

WORDS = ("the a cat dog sat on mat in house Mr. U.S. 3.5 1,000 2-3 state-of-the-art don't \"quoted\" (so) "
         "e.g. x_y a/b 50% #1 &amp; <tag> Straße ÉCOLE naïve end. what? yes! no; well: semi–dash 中文 …").split()
ROUGE = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"]


def english():
    """Words of many endings: what is written in the licence, and stems with every ending there is a rule for."""
    endings = ("s ies sses ed ied eed ing ational tional enci anci izer bli abli alli entli eli ousli ization ation ator "
               "alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance "
               "ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize e ll y ly").split()
    stems = "hop fall troubl happ sk relat condit triplic form electr hope good adjust depend adopt yoy syzyg tann siz".split()
    words = [stem + ending for stem in stems for ending in endings]
    words += "sky skies dying lying tying news innings outings cannings howe proceed exceed succeed dies died b2b yes".split()
    return " ".join(words) + pathlib.Path(__file__).parents[3].joinpath("LICENSE").read_text()


def text(source, least=0, most=14):
    words = [source.choice(WORDS) for _ in range(source.randint(least, most))]
    joined = " ".join(words)
    return joined.replace(" on ", "\n") if source.random() < 0.3 else joined


def changed(source, given):
    words = given.split(" ")
    for index in range(len(words)):
        draw = source.random()
        if draw < 0.12:
            words[index] = source.choice(WORDS)
        elif draw < 0.18:
            words[index] = ""
        elif draw < 0.24:
            words[index] = words[index].upper()
    return " ".join(words)


def main():
    source = random.Random(20261128)
    rows = []
    for _ in range(150):
        reference = text(source)
        references = [reference] + [changed(source, reference) for _ in range(source.choice([0, 0, 1, 2]))]
        prediction = changed(source, reference) if source.random() < 0.8 else text(source)
        rows.append({"references": references, "prediction": prediction})
    # sacrebleu wants as many references of each row; None for those that are not there.
    most = max(len(row["references"]) for row in rows)
    streams = [[row["references"][n] if n < len(row["references"]) else None for row in rows] for n in range(most)]
    predictions = [row["prediction"] for row in rows]
    bleu = []
    for options in [{}, {"lowercase": True}, {"tokenize": "none"}, {"smooth_method": "floor"},
                    {"smooth_method": "add-k", "smooth_value": 2}, {"smooth_method": "none"},
                    {"effective_order": True}]:
        metric = sacrebleu.BLEU(force=True, **options)
        each = [sacrebleu.BLEU(force=True, **options).corpus_score([row["prediction"]], [[r] for r in row["references"]]).score
                for row in rows]
        bleu.append({"options": options, "all": metric.corpus_score(predictions, streams).score, "each": each})
    scorer = rouge_scorer.RougeScorer(ROUGE)
    for row in rows:
        scores = scorer.score_multi(row["references"], row["prediction"])
        row["rouge"] = {kind: list(scores[kind]) for kind in ROUGE}
    stems = sorted({word for text in [row["prediction"] for row in rows] + [english()] for word in re.findall("[a-z0-9]+", text.lower())})
    stems = {word: porter.PorterStemmer().stem(word) for word in stems}
    kin = {}
    for word, stem in stems.items():
        kin.setdefault(stem, []).append(word)
    families = [words for words in kin.values() if len(words) > 1]
    stemmer = rouge_scorer.RougeScorer(ROUGE, use_stemmer=True)
    stemmed = []
    for _ in range(60):
        chosen = [source.choice(families) for _ in range(source.randint(2, 12))]
        row = {"references": [" ".join(source.choice(f) for f in chosen)],
               "prediction": " ".join(source.choice(source.choice(chosen)) for _ in chosen)}
        scores = stemmer.score_multi(row["references"], row["prediction"])
        row["rouge"] = {kind: list(scores[kind]) for kind in ROUGE}
        stemmed.append(row)
    print(json.dumps({"rows": rows, "bleu": bleu, "stems": stems, "stemmed": stemmed}, ensure_ascii=False, indent=0))


main()
