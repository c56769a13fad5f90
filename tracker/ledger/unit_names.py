"""Finds the unit a ledger means: by code, name or short name, with or without 中共 and 党组."""

import re
from collections.abc import Iterable

from tracker.ledger.texts import squeeze
from tracker.organizations.models import Unit

PARTY = re.compile(r"^中共|(?:机关)?(?:党组织|党组|党委|党工委|党总支|党支部)(?:委员会)?$|委员会$")
AREA_SIGNS = "省市县区"


class UnitBook:
    """The units an office may name, under every name a ledger may use for them.

    A code goes before a name, a name before a short name; the office's own units before those of
    its counties. A name that still fits several is nobody's: the ledger has to say more.
    """

    def __init__(self, units: Iterable[Unit], region_id: int) -> None:
        self._region_id = region_id
        self._books: tuple[dict[str, dict[int, Unit]], ...] = ({}, {}, {})
        for unit in units:
            for book, names in zip(self._books, _names(unit), strict=True):
                for name in names:
                    book.setdefault(squeeze(name), {})[unit.id] = unit

    def find(self, name: str) -> Unit | str:
        """Return the unit of a name, or a Chinese sentence that says why there is none."""
        found = self._candidates(squeeze(name)) or self._candidates(PARTY.sub("", squeeze(name)))
        own = [unit for unit in found if unit.region_id == self._region_id]
        if len(own) == 1 or len(found) == 1:
            return (own or found)[0]
        if not found:
            return f"单位库里没有“{name}”，本行没有导入。请在“单位”中登记，或改成库里的名称、简称或代码后重新导入。"
        codes = "、".join(f"{unit.region.code}/{unit.code}（{unit.name}）" for unit in found[:5])
        return f"“{name}”对应多个单位，本行没有导入。请改写为全称或代码：{codes}。"

    def _candidates(self, name: str) -> list[Unit]:
        for book in self._books:
            if name in book:
                return list(book[name].values())
        return []


def _names(unit: Unit) -> tuple[list[str], list[str], list[str]]:
    region = unit.region
    full = [unit.name, *(f"{place}{unit.name}" for place in (region.name, region.short_name))]
    if unit.name[0] in AREA_SIGNS and region.name.endswith(unit.name[0]):
        full.append(region.name + unit.name[1:])  # 云州市交通局 for 市交通局
    short = [
        unit.short_name,
        f"{region.name}{unit.short_name}",
        f"{region.short_name}{unit.short_name}",
    ]
    return [unit.code, f"{region.code}/{unit.code}"], full, short
