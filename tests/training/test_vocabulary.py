"""Vocabularies of words, the most frequent first."""

from __future__ import annotations

from elision.training.vocabulary import word_tokenizer


def test_words_in_the_order_of_their_frequency() -> None:
    tokenizer = word_tokenizer(["The film's fine.", "the Film", "the end"], min_count=2)
    assert tokenizer.convert_ids_to_tokens(range(len(tokenizer)))[5:] == ["the", "film"]
    assert len(word_tokenizer(["a a b b"], min_count=1, max_words=1)) == 6
    row = tokenizer("THE film", "the banjo")
    names = ["[CLS]", "the", "film", "[SEP]", "the", "[UNK]", "[SEP]"]
    assert tokenizer.convert_ids_to_tokens(row["input_ids"]) == names
    assert row["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1]
    assert tokenizer.mask_token == "[MASK]"
    assert tokenizer("the film")["token_type_ids"] == [0, 0, 0, 0]
