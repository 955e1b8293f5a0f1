"""Makes vector.json beside this file: what gensim says of the coherence of a few topics over a small generated corpus.

    python -m venv venv && venv/bin/pip install gensim && venv/bin/python tests/tests/topics_coherence/make.py

With the path of a JSON file that holds `texts` and `topics`, it only prints what gensim says of those.
"""

import json
import random
import sys
from pathlib import Path

import gensim
import numpy as np
from gensim.corpora import Dictionary
from gensim.models.coherencemodel import CoherenceModel

N_WORDS = 40


def generated():
    """Texts of 0 to 45 words that prefer their own theme and repeat themselves, and topics of ten words."""
    draw = random.Random(1)
    texts = []
    for number in range(60):
        theme = draw.randrange(4)
        length = [0, 1, 9, 10, 11][number] if number < 5 else draw.randint(2, 45)
        own = [theme + 4 * at for at in range(8)]
        texts.append([draw.choice(own) if draw.random() < 0.6 else draw.randrange(N_WORDS - 5) for _ in range(length)])
    topics = [[theme + 4 * at for at in range(10)] for theme in range(4)]
    topics += [draw.sample(range(N_WORDS), 10) for _ in range(4)]
    # Two words that never meet, a word that is nowhere, and a topic of which gensim knows one word.
    topics += [[0, 1, 39], [3, 38, 37]]
    return texts, topics


def coherence(texts, topics):
    """Of every topic; NaN where gensim knows fewer than two of its words."""
    names = lambda lists: [[f"w{word}" for word in it] for it in lists]
    texts = names(texts)
    model = CoherenceModel(
        topics=names(topics), texts=texts, dictionary=Dictionary(texts), coherence="c_npmi", topn=10, processes=1
    )
    return [float(it) for it in model.get_coherence_per_topic()], float(model.get_coherence())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        given = json.loads(Path(sys.argv[1]).read_text())
        print(json.dumps(coherence(given["texts"], given["topics"])))
    else:
        texts, topics = generated()
        each, _ = coherence(texts, topics)
        known = [topic for topic, value in zip(topics, each) if not np.isnan(value)]
        _, mean = coherence(texts, known)
        vector = {"gensim": gensim.__version__, "texts": texts, "topics": topics, "mean": mean}
        vector["coherence"] = [None if np.isnan(it) else it for it in each]
        print(vector["coherence"], mean)
        lines = json.dumps(vector, separators=(",", ":")).replace('"topics"', '\n"topics"').replace('"mean"', '\n"mean"')
        Path(__file__).with_name("vector.json").write_text(lines + "\n")
