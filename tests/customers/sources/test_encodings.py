import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.sources import Mapping, SourceError, describe_error, sniff
from customers.sources.encodings import ENCODINGS, codec_of
from customers.sources.stream import opened_rows

CASES = Path(__file__).parents[2] / "data" / "cases"
NAMES = {
    "zh": "王小明 李雷 张三 陈晓燕 刘德华 赵子龙 欧阳娜娜 北京市朝阳区 "
    "茶壶 已发货 孙悦 诸葛亮 司马相如 订单编号 上海浦东 邓紫棋 林志玲",
    "zh-tw": "王小明 陳怡君 林志玲 張雅婷 黃國雄 臺北市 茶壺 李宗盛 "
    "劉德華 蔡依林 吳佩慈 周杰倫 鄭淑芬 許瑋甯 高雄市前鎮區 已付款",
    "ko": "김철수 이영희 박민수 최지우 정수빈 강호동 윤서연 홍길동 "
    "서울특별시 부산광역시 한지민 임재범 송중기 배송완료 황정민 남궁민",
    "ja": "佐藤 鈴木花子 カタカナ さくら 高橋健太 田中一郎 "
    "渡辺由美子 伊藤大輔 山本さくら 東京都渋谷区 マグカップ 小林誠 加藤あい",
    "ru": "Иван Петров|Анна Смирнова|Сергей Иванов|Ольга Кузнецова|"
    "Москва|ДМИТРИЙ ВОЛКОВ|Наталья Соколова|Санкт-Петербург|Ёлкин",
    "de": "Müller|Jürgen Groß|Käthe Schäfer|Jörg Weiß|München|Düsseldorf|Björn Köhler|Österreich",
    "fr": "René|Hélène François|Gérard Lefèvre|Anaïs|Orléans|Noël|Chloé Bézier|Saint-Étienne|Benoît",
    "es": "José Muñoz|María Núñez|Íñigo Peña|Ramón Jiménez|Málaga|Logroño|Verónica Ibáñez",
    "pt": "João Conceição|Antônio Magalhães|São Paulo|Inês Gonçalves|Brasília|Estevão Simões",
    "sv": "Åsa Sjöström|Göran Öberg|Malmö|Växjö|Pär Lindström|Märta Hägg",
    "da": "Søren Kjær|Jørgen Møller|Åge Sørensen|København|Tønder|Bjørn Bækgård",
    "it": "Nicolò Cantù|Forlì|Niccolò Sanità|Città di Castello|Cefalù",
    "pl": "Łukasz Wójcik|Małgorzata Dąbrowska|Kraków|Gdańsk|Bożena Świątek|Paweł Żak|Łódź|Agnieszka Kamińska",
    "cs": "Jiří Dvořák|Kateřina Novotná|Plzeň|Zdeněk Šťastný|Tomáš Černý|Růžena Kučerová|Ondřej Němec",
    "hu": "Gábor Szőke|Erzsébet Tóth|Győr|Ildikó Kovács|Lőrinc Fűzi|Székesfehérvár",
    "tr": "Ayşe Yılmaz|Çağlar Öztürk|İstanbul|Gülşah Şahin|Işıl Doğan|Eskişehir",
    "el": "Γιώργος Παπαδόπουλος|Μαρία Νικολάου|Αθήνα|Θεσσαλονίκη|Ελένη Γεωργίου",
    "he": "משה כהן|שרה לוי|תל אביב|ירושלים|דוד פרץ",
    "th": "สมชาย ใจดี|กรุงเทพมหานคร|สุดา พงษ์ไพร|เชียงใหม่",
}
NAMES = {language: text.split("|" if "|" in text else " ") for language, text in NAMES.items()}
WRITTEN = {
    "zh": ["utf-8", "gb18030", "gbk", "gb2312"],
    "zh-tw": ["utf-8", "big5", "cp950"],
    "ko": ["utf-8", "euc_kr", "cp949"],
    "ja": ["utf-8", "euc_jp", "shift_jis", "cp932"],
    "ru": ["utf-8", "windows-1251", "koi8-r"],
    "de": ["utf-8", "windows-1252", "latin-1", "iso-8859-15", "windows-1250"],
    "fr": ["utf-8", "windows-1252", "latin-1", "iso-8859-15"],
    "es": ["utf-8", "windows-1252", "latin-1", "iso-8859-15"],
    "pt": ["utf-8", "windows-1252", "latin-1"],
    "sv": ["utf-8", "windows-1252", "latin-1", "iso-8859-15"],
    "da": ["utf-8", "windows-1252", "latin-1"],
    "it": ["utf-8", "windows-1252", "latin-1"],
    "pl": ["utf-8", "windows-1250", "iso-8859-2"],
    "cs": ["utf-8", "windows-1250", "iso-8859-2"],
    "hu": ["utf-8", "windows-1250", "iso-8859-2"],
    "tr": ["utf-8", "windows-1254"],
    "el": ["utf-8", "windows-1253"],
    "he": ["utf-8", "windows-1255"],
    "th": ["utf-8", "cp874"],
}
PAIRS = [(language, encoding) for language, encodings in WRITTEN.items() for encoding in encodings]


def table_of(names):
    return [["order_id", "ordered_at", "email", "name"]] + [
        [str(number), "2026-05-11", f"x{number}@example.com", name] for number, name in enumerate(names, 1)
    ]


def text_of(names):
    file = io.StringIO()
    csv.writer(file).writerows(table_of(names))
    return file.getvalue()


def rows_of(path, **options):
    with opened_rows(path, **options) as rows:
        return [cells for _, cells in rows]


@pytest.mark.parametrize(("language", "encoding"), PAIRS)
def test_a_file_of_names_is_read_right(write, language, encoding):
    assert rows_of(write(text_of(NAMES[language]), encoding=encoding)) == table_of(NAMES[language])


def read_or_refused(path):
    """The rows, or None where the encoding cannot be told; another error is none that may come."""
    with contextlib.suppress(SourceError):
        return rows_of(path)
    with pytest.raises(SourceError, match=r"encoding_unclear|undecodable"):
        rows_of(path)
    return None


SOME = st.sampled_from(PAIRS).flatmap(
    lambda pair: st.tuples(st.just(pair[1]), st.lists(st.sampled_from(NAMES[pair[0]]), min_size=1, max_size=4))
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(SOME)
def test_a_few_names_are_read_right_or_not_at_all(write, drawn):
    encoding, names = drawn
    assert read_or_refused(write(text_of(names), encoding=encoding)) in (table_of(names), None)


@pytest.mark.parametrize(("language", "encoding"), PAIRS)
def test_a_single_name_is_read_right_or_not_at_all(write, language, encoding):
    read = {name: read_or_refused(write(text_of([name]), encoding=encoding)) for name in NAMES[language]}
    assert [name for name, rows in read.items() if rows not in (table_of([name]), None)] == []


@pytest.mark.parametrize(
    ("case", "names"),
    [
        ("19e-koi8.csv", ["Иван Петров"]),
        ("27-euc_kr.csv", ["김철수", "이영희", "박민수", "최지우"]),
        ("27-euc_jp.csv", ["山田太郎", "鈴木花子", "カタカナ", "さくら"]),
    ],
)
def test_files_of_shops_in_old_encodings_are_read_right(case, names):
    assert [cells[3] for cells in rows_of(CASES / case)[1:]] == names


def test_what_could_be_two_things_is_asked_with_the_readings(write):
    with pytest.raises(SourceError) as caught:
        rows_of(write(text_of(["ok", "Bøk"]), encoding="windows-1252"))
    error = caught.value
    assert (error.code, error.row) == ("encoding_unclear", 3)
    candidates = error.params["candidates"].split(", ")
    assert {"windows-1252", "windows-1250"} <= set(candidates) <= set(ENCODINGS)
    assert ("Bøk" in error.params["windows-1252"], "Břk" in error.params["windows-1250"]) == (True, True)
    assert error.params["candidates"] in str(describe_error(error))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_mapping_may_name_any_encoding(write, encoding):
    text = {"big5": "王", "euc-kr": "김", "cp949": "김", "euc-jp": "王", "shift_jis": "王", "cp932": "王"}.get(encoding)
    name = text or ("王" if encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be") else "Ana")
    path = write(text_of([name]), encoding=codec_of(encoding))
    facts = sniff(path, Mapping(encoding=encoding))
    assert (facts.encoding, facts.rows[0][3]) == (encoding, name)


ASCII = "".join(f"{number},2026-05-11,x{number}@example.com,Ann\n" for number in range(20_000))


@pytest.mark.parametrize(
    ("language", "encoding"), [("zh", "utf-8"), ("zh", "gb18030"), ("ko", "euc_kr"), ("ja", "euc_jp"), ("ru", "koi8-r")]
)
def test_what_comes_only_late_in_the_file_is_read_right_too(write, language, encoding):
    path = write(ASCII + text_of(NAMES[language]) + ASCII, encoding=encoding)
    rows = rows_of(path)
    assert rows[20_000 : 20_001 + len(NAMES[language])] == table_of(NAMES[language])
    assert len(rows) == 40_001 + len(NAMES[language])


def test_what_cannot_be_told_late_in_the_file_is_refused_there(write):
    with pytest.raises(SourceError) as caught:
        rows_of(write(ASCII + "7,2026-05-11,x@example.com,ñ\n" + ASCII, encoding="windows-1252"))
    assert (caught.value.code, caught.value.row) == ("encoding_unclear", 20_001)


def test_another_encoding_later_in_the_file_is_refused_and_not_read_as_noise(write):
    chinese = text_of(NAMES["zh"] * 2_000).encode("gbk")
    korean = text_of(NAMES["ko"] * 2_000).encode("euc_kr")
    with pytest.raises(SourceError) as caught:
        rows_of(write(chinese + korean * 4))
    assert caught.value.code in ("encoding_mixed", "undecodable")
    assert len(rows_of(write(chinese * 4))) == 4 * (2_000 * len(NAMES["zh"]) + 1)


@pytest.mark.parametrize("prices", ["¥20,¥9.50", "£12.50", "20¥,19¥", "£1,£2,£3"])
def test_signs_of_money_alone_are_utf8(tmp_path, prices):
    path = tmp_path / "orders.csv"
    path.write_text(f"Order,Date,Email,Price\n1,2026-03-01,ann@example.com,{prices}\n", encoding="utf-8")
    with opened_rows(path) as rows:
        assert next(cells for row, cells in rows if row == 2)[3:] == prices.split(",")


def test_a_name_that_holds_such_a_pair_is_still_asked_or_read_as_what_it_is(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("Order,Date,Name,Price\n1,2026-03-01,楼上楼,20\n".encode("gb18030"))
    with contextlib.suppress(SourceError), opened_rows(path) as rows:
        assert next(cells for row, cells in rows if row == 2)[2] == "楼上楼"


@pytest.mark.parametrize("count", [2, 5, 9, 10, 20, 60])
def test_a_row_in_another_encoding_is_told_however_few_there_are(write, count):
    lines = [f"{n},2026-03-02,p{n}@example.com,Zoë Müller,Café crème".encode() for n in range(count)]
    lines[count // 2] = "7,2026-03-02,p7@example.com,François Lefèvre,Café".encode("cp1252")
    path = write(b"\n".join([b"order_id,ordered_at,email,name,product_name", *lines, b""]))
    with pytest.raises(SourceError) as caught, opened_rows(path) as rows:
        list(rows)
    assert (caught.value.code, caught.value.row) == ("undecodable", count // 2 + 2)
