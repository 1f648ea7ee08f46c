"""Addresses of photos: only plain names of allowed hosts; only machines on the public net."""

import pytest

from handlers.far.addresses import Source, is_outside, read_source

HOSTS = ("zdn.vn", "zadn.vn")


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("https://zdn.vn/a.jpg", Source("zdn.vn", "/a.jpg", True)),
        (
            "https://photo-stal-1.zdn.vn/x/a.jpg?k=1",
            Source("photo-stal-1.zdn.vn", "/x/a.jpg?k=1", True),
        ),
        ("http://F1-ZPC.zadn.vn:80/b", Source("f1-zpc.zadn.vn", "/b", False)),
        ("HTTPS://a.zdn.vn:443/b#part", Source("a.zdn.vn", "/b", True)),
        ("https://zdn.vn", Source("zdn.vn", "/", True)),
        ("https://zdn.vn/ảnh.jpg", Source("zdn.vn", "/%E1%BA%A3nh.jpg", True)),
        ("https://zdn.vn/a%20b//..;x=[1]", Source("zdn.vn", "/a%20b//..;x=[1]", True)),
    ],
)
def test_an_address_on_an_allowed_host_is_taken_apart(text: str, source: Source) -> None:
    assert read_source(text, HOSTS) == source


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zdn.vn/a.jpg",
        "//zdn.vn/a.jpg",
        "ftp://zdn.vn/a.jpg",
        "file:///etc/passwd",
        "gopher://zdn.vn/_",
        "data:image/png;base64,AAAA",
        "https://evil.vn/a.jpg",
        "https://zdn.vn.evil.vn/a.jpg",
        "https://evilzdn.vn/a.jpg",
        "https://zdn.vn./a.jpg",
        "https://.zdn.vn/a.jpg",
        "https://evil.vn/zdn.vn/a.jpg",
        "https://evil.vn?zdn.vn",
        "https://evil.vn#zdn.vn",
        "https://evil.vn#.zdn.vn/a",
        "https://zdn.vn@evil.vn/a.jpg",
        "https://evil.vn@zdn.vn/a.jpg",
        "https://user:word@zdn.vn/a.jpg",
        "https://zdn.vn:22/a.jpg",
        "https://zdn.vn:80/a.jpg",
        "http://zdn.vn:443/a.jpg",
        "https://zdn.vn:/a.jpg",
        "https://zdn.vn:99999/a.jpg",
        "https://evil.vn\\.zdn.vn/a.jpg",
        "https://evil.vn\\@zdn.vn/a.jpg",
        "https://zdn.vn\\@evil.vn/a.jpg",
        "https://zdn.vn%2eevil.vn/a.jpg",
        "https://evil.vn%00.zdn.vn/a.jpg",
        "https://evil.vn\x00.zdn.vn/a.jpg",
        "https://evil.vn\n.zdn.vn/a.jpg",
        "https://zdn.vn/a.jpg\r\nX-Evil: 1",
        "https://zdn.vn/a b.jpg",
        "https://zdn.vn/a\\b.jpg",
        " https://zdn.vn/a.jpg",
        "https://zdn.vn/a.jpg ",
        "https://zdn。vn/a.jpg",
        "https://ｚdn.vn/a.jpg",
        "https://\u0430.zdn.vn/a.jpg",
        "https://[::1]/a.jpg",
        "https://[::ffff:127.0.0.1].zdn.vn/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://localhost/a.jpg",
        f"https://{'a' * 64}.zdn.vn/a.jpg",
        f"https://zdn.vn/{'a' * 2048}",
    ],
)
def test_any_other_address_is_none(text: str) -> None:
    assert read_source(text, HOSTS) is None


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0x7f.0.0.1", "0177.0.0.1", "127.1", "10.0.0.010", "evil.2130706433"]
)
def test_a_number_is_no_name_even_where_the_setting_names_it(host: str) -> None:
    assert read_source(f"https://{host}/a.jpg", (host, "1", "0.0.1")) is None


def test_no_hosts_allow_nothing_and_an_empty_one_not_everything() -> None:
    assert read_source("https://zdn.vn/a.jpg", ()) is None
    assert read_source("https://zdn.vn/a.jpg", ("", "vn.evil")) is None


INSIDE = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1",
    "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1", "2001::1",
    "2001:db8::1", "2001:10::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "64:ff9b::7f00:1",
    "64:ff9b::169.254.169.254", "64:ff9b:1::808:808", "5f00::1", "4000::1",
    # Nothing that is no plain address is believed, however a resolver may read it.
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1:80", "[::1]", "localhost", "",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_never_outside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "203.162.4.190", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888",
     "2405:4800::1", "64:ff9b::808:808"],
)  # fmt: skip
def test_an_address_of_the_public_net_is_outside(address: str) -> None:
    assert is_outside(address)
