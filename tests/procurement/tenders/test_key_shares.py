"""Splitting a key: no database."""

from __future__ import annotations

import json
import secrets
from itertools import combinations

import pytest
from Cryptodome.Protocol.SecretSharing import Shamir
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.tenders.rules import key_shares
from procurement.tenders.rules.key_shares import (
    Dealt,
    Given,
    NoShare,
    good_public_key,
    holding_sha256,
    join_key,
    new_key_pair,
    opens,
    read_share_file,
    share_commitment,
    share_file,
    split_key,
)

REDUCING = (1 << 128) | 0x87  # x^128 + x^7 + x^2 + x + 1


def times(one: int, other: int) -> int:
    """Multiply in GF(2^128), by hand: shift, add, reduce."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one, other = one << 1, other >> 1
        one ^= REDUCING if one >> 128 else 0
    return product


def inverse(one: int) -> int:
    """Return the inverse in GF(2^128): the power 2^128 - 2."""
    found, power = 1, one
    for _ in range(127):
        power = times(power, power)
        found = times(found, power)
    return found


def through(points: dict[int, int], at: int) -> int:
    """Return at `at` the polynomial of least degree through these points (Lagrange), by our own arithmetic."""
    total = 0
    for x, y in points.items():
        term = y
        for other in points:
            if other != x:
                term = times(term, times(at ^ other, inverse(x ^ other)))
        total ^= term
    return total


def test_the_arithmetic_here_inverts() -> None:
    for one in (1, 2, 3, 0x87, 1 << 127, 0xDEADBEEF):
        assert times(one, inverse(one)) == 1


class TestSplitting:
    @given(key=st.binary(min_size=32, max_size=32), needed=st.integers(2, 5), spare=st.integers(0, 3))
    @settings(max_examples=25, deadline=None)
    def test_any_that_are_needed_give_the_key(self, key: bytes, needed: int, spare: int) -> None:
        shares = split_key(key, needed, needed + spare)

        for some in combinations(range(len(shares)), needed):
            assert join_key({number + 1: shares[number] for number in some}) == key

    @given(key=st.binary(min_size=32, max_size=32), other=st.binary(min_size=32, max_size=32), needed=st.integers(2, 4))
    @settings(max_examples=25, deadline=None)
    def test_one_fewer_fit_any_other_key_as_well(self, key: bytes, other: bytes, needed: int) -> None:
        """For whatever key one guesses there is a missing share that makes it the right one: nothing is learnt."""
        known = {n + 1: share for n, share in enumerate(split_key(key, needed, needed + 1)[: needed - 1])}

        halves = []
        for at in (0, 16):
            points = {n: int.from_bytes(share[at : at + 16], "big") for n, share in known.items()}
            points[0] = int.from_bytes(other[at : at + 16], "big")
            halves.append(through(points, needed).to_bytes(16, "big"))

        assert join_key({**known, needed: b"".join(halves)}) == other

    @given(needed=st.integers(3, 6))
    @settings(max_examples=10, deadline=None)
    def test_fewer_never_open_what_was_sealed(self, needed: int) -> None:
        private, public = new_key_pair()
        shares = split_key(private, needed, needed + 1)

        for some in combinations(range(len(shares)), needed - 1):
            assert not opens(join_key({n + 1: shares[n] for n in some}), public)

    def test_the_library_s_polynomial_is_the_one_we_think(self) -> None:
        secret = secrets.token_bytes(16)
        points = {n: int.from_bytes(y, "big") for n, y in Shamir.split(3, 5, secret)}

        for some in combinations(points, 3):
            assert through({n: points[n] for n in some}, 0).to_bytes(16, "big") == secret

    @pytest.mark.parametrize(("needed", "total"), [(1, 3), (0, 0), (4, 3), (2, 17)])
    def test_refuses_numbers_that_protect_nothing(self, needed: int, total: int) -> None:
        with pytest.raises(ValueError, match="cannot split"):
            split_key(b"k" * 32, needed, total)

    def test_refuses_what_is_no_key(self) -> None:
        with pytest.raises(ValueError, match="31 bytes"):
            split_key(b"k" * 31, 2, 3)


# Shares that the program ssss 0.5 made (`ssss-split -t 2 -n 3 -s 128 -D -x`). It adds x^k to its polynomial, k shares
# needed; without it they are ours.
# Source: pycryptodome, Crypto.SelfTest.Protocol.test_SecretSharing, Shamir_Tests.test2.
VECTORS = [
    (
        "000102030405060708090a0b0c0d0e0f",
        {
            1: "0b8cbb92e2a750defa563537d72942a2",
            2: "171a7120c941abb4ecb77472ba459753",
            3: "1c97c8b12fe3fd6d1ee84b4e6161dbfe",
        },
    ),
    (
        "d9fe73909bae28b3757854c0af7ad405",
        {
            1: "594ae8964294174d95c33756d2504170",
            2: "d897459d29da574eb40e93ec552ffe6e",
            3: "5823de9bf0e068b054b5f07a28056b1b",
            4: "db2c1f8bff46d748f795da995bd080cb",
        },
    ),
]


@pytest.mark.parametrize(("secret", "shares"), VECTORS, ids=["ssss", "two of four"])
def test_published_shares_give_their_secret(secret: str, shares: dict[int, str]) -> None:
    plain = {number: int(share, 16) ^ times(number, number) for number, share in shares.items()}

    for some in combinations(plain, 2):
        twice = {number: plain[number].to_bytes(16, "big") * 2 for number in some}
        assert join_key(twice).hex() == secret + secret
        assert through({number: plain[number] for number in some}, 0) == int(secret, 16)


class TestCommitments:
    def test_bind_tender_number_and_share(self) -> None:
        one = share_commitment("TD-2026-0001", 1, b"s" * 32)

        assert one != share_commitment("TD-2026-0002", 1, b"s" * 32)
        assert one != share_commitment("TD-2026-0001", 2, b"s" * 32)
        assert one != share_commitment("TD-2026-0001", 1, b"t" * 32)

    def test_the_holding_binds_who_holds_what_and_how_many_are_needed(self) -> None:
        dealt = [Dealt(1, "KH-1", b"k" * 32, "aa"), Dealt(2, "KH-2", b"l" * 32, "bb")]
        one = holding_sha256("TD-1", 2, dealt)

        assert one == holding_sha256("TD-1", 2, dealt[::-1])
        assert one != holding_sha256("TD-1", 1, dealt)
        assert one != holding_sha256("TD-1", 2, [dealt[0], Dealt(2, "KH-2", b"m" * 32, "bb")])
        assert one != holding_sha256("TD-1", 2, [dealt[0], Dealt(2, "KH-2", b"l" * 32, "cc")])


class TestFiles:
    GIVEN = Given("TD-2026-0001", 2, bytes(range(32)))

    def test_a_share_file_says_what_it_holds(self) -> None:
        assert read_share_file(share_file(self.GIVEN)) == self.GIVEN

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("", "is no JSON"),
            ("[" * 9000, "is no JSON"),
            (b"\xff\xfe", "is no JSON"),
            ("[]", "is no share file"),
            ('{"kind": "jicai/sealed-share/1"}', "is still sealed: open it with the holder's tool first"),
            ('{"kind": "jicai/share/1", "tender": 1}', "lacks its tender, its number or its share"),
            ('{"kind": "jicai/share/1", "tender": "T", "number": true, "share": "00"}', "lacks its tender, "),
            ('{"kind": "jicai/share/1", "tender": "T", "number": 1, "share": "zz"}', "holds something else"),
            ('{"kind": "jicai/share/1", "tender": "T", "number": 1, "share": "00"}', "a share of another length"),
            ("x" * 10_001, "is too long for a share file"),
        ],
    )
    def test_what_is_no_share_is_refused_with_its_reason(self, text: str | bytes, reason: str) -> None:
        with pytest.raises(NoShare, match=reason):
            read_share_file(text)

    def test_no_reason_repeats_the_share(self) -> None:
        said = {"kind": "jicai/share/1", "tender": "T", "number": 1, "share": "ab" * 31}

        with pytest.raises(NoShare) as refused:
            read_share_file(json.dumps(said))

        assert "abab" not in str(refused.value)


def test_a_point_of_small_order_is_no_key() -> None:
    assert not good_public_key(b"\0" * 32)
    assert not good_public_key(b"\1" + b"\0" * 31)
    assert good_public_key(new_key_pair()[1])


def test_a_waiting_share_opens_in_its_place_only() -> None:
    locked = key_shares.lock_share(b"secret", b"s" * 32, tender_ref="TD-1", number=1)

    assert key_shares.unlock_share(b"secret", locked, tender_ref="TD-1", number=1) == b"s" * 32
    for secret, ref, number in ((b"other", "TD-1", 1), (b"secret", "TD-2", 1), (b"secret", "TD-1", 2)):
        with pytest.raises(NoShare):
            key_shares.unlock_share(secret, locked, tender_ref=ref, number=number)
