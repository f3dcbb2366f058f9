"""Where sentences end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.documents.sentences import split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Two is enough. | Three is not.",
        "Is it? | Yes! | No.",
        "Version 2.0 holds. | Version 3.1.1 follows.",
        "He said “Stop.” | Then he left.",
        "(It is so.) | It stays so.",
        "It is in force (see part 2.) | The rest follows.",
        "Yes. | No. | We see to it.",
        "NIST SP 800-53 Rev. 4 and Vol. II apply. | See No. 5 and Nos. 6 to 8.",
        "Office 365 U.S. Government and the U.S. Department of Trade.",
        "It holds in the U.S. | The law does not.",
        "U. S. Government clouds",
        "The EU-U.S. and Swiss-U.S. Privacy Shield. | It ended.",
        "Publication 800-37 Rev. 2. | Within it, see Rev. 1.",
        "As in 10 C.F.R. Part 810. | Others follow.",
        "Acme Inc. Cloud and Acme Corp. | It is theirs.",
        "Audits, e.g. SOC 2, i.e. Type 2, apply, cf. Annex A. | Annex B. | Controls follow.",
        "1. Who signs? | 2. Who pays?",
        "A. Who signs?",
        "Wait … | Then go.",
        "z. B. Azure, d. h. alles.",
        "En los EE. UU. Gobierno. | Fin.",
        "Est-ce vrai ? | Oui.",
        "是的。|這是（測試。）|好！|什麼？|「對。」|然後",
        "対応します。|詳細は v2.0 です。|STAR は登録簿です。",
        "no stop",
        "lower case. follows",
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text):
    whole = " ".join(part.strip() for part in text.split("|")) if " | " in text else text.replace("|", "")
    assert sentences(whole) == [part.strip() for part in text.split("|")]


def test_no_sentence_ends_within_a_stretch_that_is_whole():
    text = "See Rules. Part two. Now."
    assert [text[a:b] for a, b in split(text, [(4, 20)])] == ["See Rules. Part two.", "Now."]


@given(st.text(alphabet="aB1 .!?。！「」()\"'U.S.", max_size=80).map(lambda text: " ".join(text.split())))
def test_nothing_but_white_space_lies_between_sentences(text):
    spans = split(text)
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")
    assert all(a < b for a, b in spans)
    assert [a for a, _ in spans] == sorted(a for a, _ in spans)
