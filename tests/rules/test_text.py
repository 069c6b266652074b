"""Text as people type it: widths folded, nothing meant is lost, typing it again changes nothing."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.text_ja import digits, phone, plain_number, search_key, tidy, tidy_lines


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("　山田　　花子　", "山田 花子"),
        ("ｶﾞｯｺｳ", "ガッコウ"),
        ("１２３ＡＢＣ", "123ABC"),
        ("𠮷野家👨‍👩‍👧", "𠮷野家👨‍👩‍👧"),
        ("髙﨑", "髙﨑"),
        ("a\tb\nc\x00d", "a b c d"),
        ("は\u3099", "ば"),
        ("", ""),
        (" \u3000\n", ""),
    ],
)
def test_one_line_is_tidied(typed, meant):
    assert tidy(typed) == meant


@given(st.text())
def test_tidying_again_changes_nothing(typed):
    assert tidy(tidy(typed)) == tidy(typed)
    assert tidy_lines(tidy_lines(typed)) == tidy_lines(typed)


@given(st.text())
def test_no_control_character_is_left(typed):
    assert not [c for c in tidy(typed) if unicodedata.category(c) == "Cc"]
    assert not [c for c in tidy_lines(typed) if unicodedata.category(c) == "Cc" and c != "\n"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\r\n一行目  \r\n\r\n　三行目\r\r", "一行目\n\n三行目"),
        ("一行", "一行"),
        ("\n\n", ""),
    ],
)
def test_several_lines_keep_their_lines(typed, meant):
    assert tidy_lines(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("１２３ ４５６", "123456"), ("12-34ー56", "123456"), ("番号は 0 7 です", "07"), ("", "")],
)
def test_digits_are_found_however_they_are_typed(typed, meant):
    assert digits(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("１２", 12), (" 1,200 ", 1200), ("１，２００人", 1200), ("30名", 30), ("30 人", 30)],
)
def test_a_number_of_people_is_read_as_people_write_it(typed, meant):
    assert int(plain_number(typed)) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "042-123-4567", "０４２－１２３－４５６７", "042‐123‐4567", "042−123−4567",
        "042ー123ー4567", "042—123–4567", " 042 - 123 - 4567 ", "０４２ｰ１２３ｰ４５６７",
    ],
)  # fmt: skip
def test_a_telephone_number_has_one_form(typed):
    assert phone(typed) == "042-123-4567"


@pytest.mark.parametrize(
    ("one", "other"),
    [("さくら ホール", "サクラホール"), ("ｻｸﾗ", "さくら"), ("Ｈａｌｌ", "hall"), ("ゔ", "ヴ")],
)
def test_two_spellings_of_a_name_are_found_alike(one, other):
    assert search_key(one) == search_key(other)


@given(st.text(alphabet=st.characters(min_codepoint=0x3041, max_codepoint=0x3096)))
def test_kana_of_both_kinds_are_found_alike(hiragana):
    katakana = "".join(chr(ord(c) + 0x60) for c in hiragana)

    assert search_key(hiragana) == search_key(katakana)
