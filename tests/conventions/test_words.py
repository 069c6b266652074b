"""We speak as a kind clerk does: no words of offices and machines, no bare ～, short sentences."""

import re
from functools import cache

from app.web.sentences import SENTENCES
from tests.conventions.reading import JAPANESE, programs, templates, without_docstrings

# ui-rules 42: what we do not say, and what we say instead.
INSTEAD = {
    "アクティベート": "使えるようにする",
    "アサイン": "担当を決める",
    "アジェンダ": "議題",
    "インセンティブ": "特典",
    "エビデンス": "証明する書類",
    "オーソリ": "支払いの確認",
    "オプトアウト": "やめる",
    "オプトイン": "申し込む",
    "コミット": "約束する",
    "コンセンサス": "合意",
    "コンプライアンス": "法令を守ること",
    "サブミット": "送る",
    "サマリー": "まとめ",
    "スキーム": "しくみ",
    "ステータス": "状態",
    "セキュア": "安全な",
    "セッション": "サインインの期限",
    "タイムアウト": "時間切れ",
    "ディスカウント": "割引",
    "デフォルト": "はじめの設定",
    "テンポラリ": "一時的な",
    "トークン": "鍵",
    "バリデーション": "確かめること",
    "フィックス": "決める",
    "プライオリティ": "優先順位",
    "ペンディング": "保留",
    "マスト": "必要",
    "リクエスト": "申し込み",
    "リスケ": "日程を変える",
    "レスポンス": "返事",
    "不正な": "（何が違うかを言う）",
    "無効な": "（何が違うかを言う）",
    "致しました": "しました",
    "下さい": "ください",
    "頂": "いただく",
    "出来": "でき",
    "ご入力": "入力",
    "クリック": "押す",
    "タップ": "押す",
    "コチラ": "（行き先の名前を書く）",
}
FOR_STAFF_ONLY = ("templates/desk/", "templates/office/")
LONGEST = 50  # ui-rules 41


@cache
def said() -> list[tuple[str, str]]:
    """Return every Japanese text that people may read, with where it stands."""
    found = [(f"app/web/sentences.py {code}", str(text)) for code, text in SENTENCES.items()]
    for name, text in templates().items():
        plain = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        found += [
            (f"templates/{name}", one)
            for one in re.findall(r"""_\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""", plain)
            for one in one
            if one
        ]
    for program in programs():
        # The API is read by those who write programs, commands by those who run the service.
        if program.name.startswith("app/web/") and not program.name.startswith("app/web/api/"):
            texts = [node.value for node in without_docstrings(program)]
            found += [(program.name, text) for text in texts if JAPANESE.search(text)]
    return found


def test_nobody_reads_words_of_offices_and_machines():
    met = [
        f"{place}: {text} (say {better})"
        for place, text in said()
        for word, better in INSTEAD.items()
        if word in text
    ]

    assert met == []


def test_times_are_from_and_to_and_never_a_bare_tilde():
    """A screen reader says nothing for ～, and people read 9:00～10:00 in two ways."""
    met = [f"{place}: {text}" for place, text in said() if re.search("[～〜]", text)]

    assert met == []


def test_no_sentence_is_longer_than_people_read_at_once():
    long = [
        f"{place}: {one}"
        for place, text in said()
        if not place.startswith(FOR_STAFF_ONLY)
        for one in re.split(r"(?<=[。？])|\n", text)
        if len(re.sub(r"%\(\w+\)s|\{\w*\}", "◯◯", one).strip()) > LONGEST
    ]

    assert long == []


def test_exclamation_marks_are_for_advertisements():
    assert [f"{place}: {text}" for place, text in said() if re.search("[！!]", text)] == []
