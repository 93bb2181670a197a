"""Addresses that a marketplace writes as one text, and what is masked in them."""

import pytest

from customers.domain.addresses import is_masked, parts_of_chinese


@pytest.mark.parametrize(
    ("text", "region", "city", "line1", "postcode"),
    [
        ("浙江省 杭州市 西湖区 样本路1号", "浙江省", "杭州市", "西湖区 样本路1号", ""),
        ("浙江省杭州市西湖区样本路1号", "浙江省", "杭州市", "西湖区样本路1号", ""),
        ("广东深圳市南山区科技园", "广东", "深圳市", "南山区科技园", ""),
        ("广东 南山区科技园", "广东", "", "南山区科技园", ""),
        ("上海市 样本路2号", "上海市", "上海市", "样本路2号", ""),
        ("上海 上海市 浦东新区 世纪大道1号(200120)", "上海", "上海市", "浦东新区 世纪大道1号", "200120"),
        ("北京朝阳区三环到四环之间望京街1号", "北京", "北京市", "朝阳区三环到四环之间望京街1号", ""),
        ("重庆重庆市渝中区1号", "重庆", "重庆市", "渝中区1号", ""),
        ("新疆维吾尔自治区 乌鲁木齐市 天山区 光明路", "新疆维吾尔自治区", "乌鲁木齐市", "天山区 光明路", ""),
        (
            "内蒙古自治区 锡林郭勒盟 锡林浩特市 南路 邮编：026000",
            "内蒙古自治区",
            "锡林郭勒盟",
            "锡林浩特市 南路",
            "026000",
        ),
        ("吉林省延边朝鲜族自治州延吉市光明街", "吉林省", "延边朝鲜族自治州", "延吉市光明街", ""),
        ("吉林省 吉林市 昌邑区 1号", "吉林省", "吉林市", "昌邑区 1号", ""),
    ],
)
def test_an_address_from_the_province_to_the_house_is_divided(text, region, city, line1, postcode):
    said = {"region": region, "city": city, "line1": line1, "country": "CN", "postcode": postcode}
    assert parts_of_chinese(text) == {name: part for name, part in said.items() if part}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 Main St",
        "海南路12号",
        "北京路5号",
        "海南路城市花园",
        "北京路东区1号",
        "江苏省 南京市",
        "上海市",
        "香港 中环1号",
    ],
)
def test_what_is_no_such_address_stays_as_it_is(text):
    assert parts_of_chinese(text) == {}


def test_a_text_of_which_some_is_not_to_be_seen_is_masked():
    assert [is_masked(text) for text in ("文三路***", "王＊", "•••", "Mill Road 1", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
