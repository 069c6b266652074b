"""Every paper says what its document says: all of it, as text, tagged, on sheets that hold it."""

import threading
from dataclasses import replace
from functools import cache

import pypdfium2
import pytest

from app.papers.documents import Bill, Notice, Permit, Sheet, kept, read, title_of
from app.papers.glyphs import printable
from app.papers.printing import render, render_many
from tests.papers.reading import ink_at_the_edges, pages_of, plain, said_by
from tests.papers.samples import (
    EXTREME,
    INJECTION,
    ISSUED,
    LONG_LATIN,
    LONG_NAME,
    NOTES,
    PERMIT,
    TWELVE,
    URL,
    USUAL,
)

ALL = {**USUAL, **EXTREME}


@cache
def printed(name: str) -> bytes:
    """The paper of a sample."""
    return render(ALL[name])


@cache
def words_of(name: str) -> str:
    """The words of all pages of a sample, without what stands at the foot of each."""
    sheet, pages = ALL[name], pages_of(printed(name))
    document = sheet.document
    which = f"{document.place}{document.day}" if document.kind == "till" else sheet.number
    foot = plain(f"{title_of(document)}{which}")
    return "".join(
        page.removesuffix(f"{foot}{number}／{len(pages)}ページ")
        for number, page in enumerate(pages, start=1)
    )


@pytest.mark.parametrize("name", ALL)
def test_everything_that_a_document_says_stands_on_the_paper(name: str):
    sheet = ALL[name]
    told = [*said_by(sheet.document), sheet.number, sheet.issued_on, sheet.stamp, sheet.remark]

    assert [one for one in told if plain(printable(one)) not in words_of(name)] == []


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_cut_off_at_the_edge_of_the_sheet(name: str):
    assert ink_at_the_edges(printed(name)) == []


@pytest.mark.parametrize("name", ALL)
def test_it_is_tagged_titled_and_japanese_on_a4(name: str):
    pdf = printed(name)
    document = pypdfium2.PdfDocument(pdf)
    wide, high = document[0].get_size()
    title = document.get_metadata_value("Title")
    document.close()

    assert (round(wide), round(high)) == (595, 842)
    assert title == f"{title_of(ALL[name].document)} {ALL[name].number}".strip()
    assert b"pdfuaid:part" in pdf
    assert b"/MarkInfo" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang (ja-JP)" in pdf or b"/Lang(ja-JP)" in pdf


def test_names_keep_their_characters_and_eras_have_no_gaps():
    (page,) = pages_of(render(Sheet(replace(PERMIT, addressee="髙﨑 德濵 𠮷田"), "令和9年1月4日")))
    raw = pypdfium2.PdfDocument(printed("permit"))[0].get_textpage().get_text_bounded()

    assert "髙﨑德濵𠮷田様" in page
    assert "2027年（令和9年）3月8日（月）" in raw


def test_the_code_is_a_link_and_its_address_can_be_read_and_copied():
    pdf = printed("permit")
    raw = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()

    assert URL in raw  # nothing between its letters that a browser would not take
    assert pdf.count(f"/URI({URL})".encode()) >= 2  # the code, and the address below it


def test_what_people_typed_is_text_and_never_a_program():
    pages = pages_of(render(Sheet(replace(PERMIT, addressee=INJECTION), ISSUED)))

    assert plain(INJECTION) in pages[0]
    assert "root:" not in "".join(pages)


@pytest.mark.parametrize(
    "odd", ["🎉祭", "한국", "\ue000", "a\x01b", "👨‍👩‍👧", "葛\U000e0100飾", "\u202eabc"]
)
def test_what_no_font_can_print_does_not_stop_the_paper(odd: str):
    (page,) = pages_of(render(Sheet(replace(PERMIT, addressee=odd), ISSUED)))

    assert plain(printable(odd)).replace("\U000e0100", "") in page.replace("\U000e0100", "")


def test_long_names_and_long_words_are_whole():
    assert len(LONG_NAME) >= 57
    for said in (LONG_NAME, LONG_LATIN, NOTES):
        assert plain(said) in words_of("permit-long")


@pytest.mark.parametrize("name", ["permit-long", "notice-long", "till-long", "bill-long"])
def test_a_table_of_several_pages_repeats_its_head(name: str):
    head = {
        "permit-long": "使う日と時間ところ", "notice-long": "使用の内容料金",
        "till-long": "時刻使う人受け取り方金額記録", "bill-long": "内容金額",
    }[name]  # fmt: skip
    pages = pages_of(printed(name))

    assert sum(head in page for page in pages) >= 2


def test_a_row_stays_on_one_page():
    pages = pages_of(printed("permit-long"))

    for use in TWELVE:
        assert any(plain(f"{use.day}") in page and plain(use.detail) in page for page in pages)


def test_a_hundred_in_one_file_are_numbered_each_by_itself():
    sheets = [
        Sheet(replace(PERMIT, addressee=f"団体{n}"), ISSUED, f"2026-{n:06d}") for n in range(99)
    ]
    long = EXTREME["permit-long"]

    pages = pages_of(render_many([*sheets, long]))

    assert len(pages) == 99 + len(pages_of(render(long)))
    for n in (0, 50, 98):
        assert f"団体{n}様" in pages[n]
        assert pages[n].endswith(f"使用許可書2026-{n:06d}1／1ページ")
    assert pages[99].endswith(f"1／{len(pages) - 99}ページ")
    assert pages[-1].endswith(f"{len(pages) - 99}／{len(pages) - 99}ページ")


def test_nothing_to_print_is_a_mistake():
    with pytest.raises(ValueError, match="nothing"):
        render_many([])


def test_many_threads_print_at_once_and_each_gets_its_own():
    got: dict[int, str] = {}

    def work(n: int) -> None:
        got[n] = pages_of_one(n)

    def pages_of_one(n: int) -> str:
        pdf = render(Sheet(replace(PERMIT, addressee=f"団体{n}"), ISSUED, f"{n}"))
        with reading:
            return pages_of(pdf)[0]

    reading = threading.Lock()  # the reader is not made for threads; the printer is
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert all(f"団体{n}様" in got[n] for n in range(8))


@pytest.mark.parametrize("kind", [Permit, Bill, Notice])
def test_a_paper_that_was_kept_is_the_same_document_again(kind: type):
    document = next(x.document for x in ALL.values() if isinstance(x.document, kind))

    assert read(kind.kind, kept(document)) == document
    assert render(Sheet(read(kind.kind, kept(document)), ISSUED)) == render(Sheet(document, ISSUED))


def test_the_same_paper_is_the_same_file_whenever_it_is_printed():
    """Browsers fetch it again to save it; and nothing of it says when that was."""
    pdf = printed("permit")
    document = pypdfium2.PdfDocument(pdf)
    dated = [document.get_metadata_value(name) for name in ("CreationDate", "ModDate")]
    document.close()

    assert dated == ["", ""]
    assert render(USUAL["permit"]) == pdf


@pytest.mark.parametrize("name", ["<svg 🎉", "<svg 한국", "<svg \x07", "<svg onload=x>"])
def test_a_name_that_looks_like_a_drawing_is_printed_as_any_other(name: str):
    usual = USUAL["permit"]
    sheet = replace(usual, document=replace(PERMIT, addressee=name))
    assert len(pages_of(render_many([sheet, usual]))) == 2
