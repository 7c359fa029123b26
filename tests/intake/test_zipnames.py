"""Names of the members of a ZIP file, whichever program wrote it."""

import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covidlab.intake.zipnames import member_names

UTF8 = 0x800


def member(name: bytes, *, flags=0, extra=b"") -> zipfile.ZipInfo:
    """What Python makes of a member whose name is these bytes."""
    info = zipfile.ZipInfo(name.decode("utf-8" if flags & UTF8 else "cp437"))
    info.flag_bits, info.extra = flags, extra
    return info


def unicode_path(name: str, of: bytes) -> bytes:
    field = b"\1" + struct.pack("<I", zlib.crc32(of)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


def test_name_with_the_flag_is_utf8():
    assert member_names([member("Röntgen/ä.png".encode(), flags=UTF8)]) == (["Röntgen/ä.png"], "")


def test_name_without_the_flag_that_is_utf8_is_utf8_without_a_word():
    assert member_names([member("Röntgen covid/0.jpg".encode()), member(b"a.png")]) == (
        ["Röntgen covid/0.jpg", "a.png"],
        "",
    )


def test_name_of_a_mac_is_composed():
    assert member_names([member("Ro\u0308ntgen.png".encode())])[0] == ["Röntgen.png"]


@pytest.mark.parametrize(("charset", "name"), [("cp437", "Gesund-Röntgen/0.jpg"), ("cp850", "Área À/Ã.png")])
def test_name_that_is_no_utf8_is_read_in_the_likelier_old_set_with_a_word(charset, name):
    names, sentence = member_names([member(name.encode(charset))])
    assert names == [name]
    assert f"they were read as {charset}, for example {name}." in sentence


def test_name_in_the_extra_field_of_info_zip_comes_first():
    raw = b"R\x94ntgen.png"
    assert member_names([member(raw, extra=unicode_path("胸部.png", raw))]) == (["胸部.png"], "")


@pytest.mark.parametrize(
    "extra",
    [unicode_path("胸部.png", b"another"), b"\x75\x70\x40\0\1", b"\x75\x70", b"\1\0\2\0ab", b"\x75\x70\6\0\1abcd\xff"],
)
def test_extra_field_of_another_name_or_torn_is_passed_over(extra):
    assert member_names([member(b"R\x94ntgen.png", extra=extra)])[0] == ["Röntgen.png"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a\\b\\", "a/b/"),
        (b"a\\b.png", "a/b.png"),
        (b"./a/./b.png", "a/b.png"),
        (b"a//b.png", "a/b.png"),
        (b"a\0b", "a"),
    ],
)
def test_backslashes_and_dots_are_folders(raw, name):
    assert member_names([member(raw)])[0] == [name]


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.binary(max_size=20)), max_size=5))
def test_any_bytes_are_some_name(members):
    names, _ = member_names([member(raw, extra=extra) for raw, extra in members])
    assert len(names) == len(members)
