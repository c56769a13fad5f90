"""Words of the organisation: levels of regions, kinds of units."""

from tracker.kernel.labels import LabelledEnum


class RegionLevel(LabelledEnum):
    """Where a region stands in the tree."""

    CITY = "city", "市本级"
    COUNTY = "county", "县（市、区）"


class OfficeMode(LabelledEnum):
    """How an office works: with every step and role, or as an office of two."""

    STANDARD = "standard", "标准模式"
    SIMPLE = "simple", "简易模式"


class UnitCategory(LabelledEnum):
    """What kind of unit; villages and schools are counted apart."""

    DEPARTMENT = "department", "直属单位"
    TOWN = "town", "乡镇（街道）"
    VILLAGE = "village", "行政村"
    COMMUNITY = "community", "社区"
    SCHOOL = "school", "学校"
    ENTERPRISE = "enterprise", "国有企业"
    OTHER = "other", "其他"
