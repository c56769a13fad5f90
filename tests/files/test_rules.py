"""Names of uploaded files."""

from tracker.files.rules import clean_name


def test_a_name_of_megabytes_is_cut_at_once_and_keeps_its_extension() -> None:
    name = clean_name("整" * 2_000_000 + ".pdf")
    assert len(name.encode()) <= 240
    assert name.endswith("整.pdf")


def test_a_name_carries_no_path_control_or_bidi_mark() -> None:
    assert clean_name("..\\../etc/\u202e报\r\n告\x00.pdf") == "报告.pdf"
