"""Where Redis is, read from URLs that are right and wrong."""

import pytest

from heavylift.address import Address
from heavylift.errors import ConfigurationInvalid


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://redis", Address(hosts=(("redis", 6379),))),
        ("redis://redis:6380/3", Address(hosts=(("redis", 6380),), db=3)),
        ("redis://[::1]:6380/", Address(hosts=(("::1", 6380),))),
        ("redis://redis?db=2", Address(hosts=(("redis", 6379),), db=2)),
        ("redis://me:a%40b%2Fc@redis", Address(hosts=(("redis", 6379),), username="me", password="a@b/c")),
        ("redis://:secret@redis", Address(hosts=(("redis", 6379),), password="secret")),
        ("unix:///run/redis.sock?db=1", Address(path="/run/redis.sock", db=1)),
        (
            "rediss://redis/0?ssl_ca_certs=/ca.pem&ssl_cert_reqs=none",
            Address(tls=True, hosts=(("redis", 6379),), options=(("ssl_ca_certs", "/ca.pem"), ("ssl_cert_reqs", "none"))),
        ),
        (
            "redis+sentinel://me:secret@one,two:26380,three/main",
            Address(hosts=(("one", 26379), ("two", 26380), ("three", 26379)), service="main", username="me", password="secret"),
        ),
        ("rediss+sentinel://one/main/4", Address(tls=True, hosts=(("one", 26379),), service="main", db=4)),
    ],
)
def test_an_address_is_read_from_its_url(url: str, address: Address) -> None:
    assert Address.parse(url) == address


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("hunter2", "begins with redis://, rediss://, unix://"),
        ("amqp://:hunter2@rabbit", "begins with redis://, rediss://, unix://"),
        ("redis://:hunter2@", "names no host"),
        ("redis://:hunter2@redis:", "a port that is no number"),
        ("redis://:hunter2@redis:65536", "a port that is no number from 1 to 65535"),
        ("redis://:hunter2@redis:six", "a port that is no number"),
        ("redis://:hunter2@redis/zero", "ends with the number of the database"),
        ("redis://:hunter2@redis/0/1", "ends with the number of the database"),
        ("redis://:hunter2@one,two", "redis+sentinel://"),
        ("redis://:hun@ter2@redis", "percent-encode"),
        ("redis://:hunter2/@redis", "percent-encode"),
        ("redis://:hunter2?@redis", "percent-encode"),
        ("redis://:hunter2#@redis", "%23"),
        ("redis://:hunter2@redis/0\n", "a line break"),
        ("redis://:hunter2@redis?ssl_ca_certs=/ca.pem", "only db"),
        ("redis://:hunter2@redis?socket_timeout=1", "only db"),
        ("rediss://:hunter2@redis?ssl_cert_reqs=maybe", "ssl_cert_reqs"),
        ("redis+sentinel://:hunter2@one,two", "names no service"),
        ("redis+sentinel://:hunter2@one,,two/main", "names no host"),
        ("redis+sentinel://:hunter2@one/main/zero", "ends with the number of the database"),
        ("unix://:hunter2@", "unix:///path"),
        ("unix://redis/hunter2", "unix:///path"),
    ],
)
def test_a_wrong_url_is_told_with_its_fix_and_without_its_password(url: str, sentence: str) -> None:
    with pytest.raises(ConfigurationInvalid) as told:
        Address.parse(url)

    assert sentence in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://me:hunter2@redis:6380/3", "redis://redis:6380/3"),
        ("rediss+sentinel://me:hunter2@one,two/main", "rediss+sentinel://one:26379,two:26379/main/0"),
        ("unix://me:hunter2@/run/redis.sock", "unix:///run/redis.sock?db=0"),
    ],
)
def test_an_address_is_shown_without_its_user_and_password(url: str, shown: str) -> None:
    assert str(Address.parse(url)) == shown
    assert "hunter2" not in repr(Address.parse(url))
