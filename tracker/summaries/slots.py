"""Which figure a slot is of. Kept by the codes of figure and part, so that no template breaks when
one is renamed; read and edited by their Chinese names."""

from collections.abc import Iterable

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.registry.metric import Metric
from tracker.summaries.rules import FACTS, LONGEST_BODY, Slot, check_form, parse, renamed

BY_NAME = {metric.definition.name: metric for metric in METRICS.values()}


def coded(body: str) -> str:
    """Return a template as it is kept: figures and their parts by code."""
    return renamed(body, _codes)


def shown(body: str) -> str:
    """Return a template as it is read: figures and their parts by name; a code that is no more
    stays."""
    return renamed(body, _names)


def _codes(name: str, part: str | None) -> tuple[str, str | None]:
    metric = _named(name)
    if metric is None:
        return name, part
    keys = {label.label: label.value for label in _labels(metric)}
    return metric.definition.code, None if part is None else keys.get(part, part)


def _names(name: str, part: str | None) -> tuple[str, str | None]:
    metric = _named(name)
    if metric is None:
        return name, part
    labels = {label.value: label.label for label in _labels(metric)}
    return metric.definition.name, None if part is None else labels.get(part, part)


def _named(name: str) -> Metric | None:
    return None if name in FACTS else BY_NAME.get(name) or METRICS.get(name)


def _labels(metric: Metric) -> Iterable[LabelledEnum]:
    reader = metric.reader
    return reader.labels or () if isinstance(reader, Counted) else ()


def check_body(body: str) -> None:
    """Refuse a template with a slot that cannot be filled. DomainError says which, and why."""
    if not body.strip():
        raise DomainError("段落不能为空。要用回原来的文字，请从下面的“默认文字”中复制。")
    if len(body) > LONGEST_BODY:
        raise DomainError(f"段落最多{LONGEST_BODY}字，请缩短。")
    for slot in parse(body):
        if isinstance(slot, Slot) and slot.fact is None:
            checked(slot)


def checked(slot: Slot) -> Metric:
    """Return the figure that a slot is of. DomainError when it cannot be filled so."""
    if slot.fault:
        raise DomainError(slot.fault)
    metric = metric_of(slot)
    check_form(slot, metric.definition.kind)
    _check_kind(slot, metric)
    _check_part(slot, metric)
    return metric


def _check_kind(slot: Slot, metric: Metric) -> None:
    definition = metric.definition
    if slot.kind is not None and not definition.is_per_round:
        raise DomainError(
            f"“{{{slot.raw}}}”：“{definition.name}”不能按巡察类型统计，请去掉冒号和前面的字。"
        )


def _check_part(slot: Slot, metric: Metric) -> None:
    reader = metric.reader
    if slot.part is None or not isinstance(reader, Counted) or reader.has_own_words:
        return
    words = {word for label in reader.labels or () for word in (label.value, label.label)}
    if slot.part not in words:
        can = "、".join(label.label for label in reader.labels or ()) or "（没有分项）"
        raise DomainError(f"“{{{slot.raw}}}”没有分项“{slot.part}”，可写：{can}。")


def metric_of(slot: Slot) -> Metric:
    """Return the figure a slot names. DomainError when there is none."""
    metric = _named(slot.name)
    if metric is None:
        raise DomainError(
            f"“{{{slot.raw}}}”中的“{slot.name}”不是统计指标（或已停用），请在“修改文字”的清单中选用。"
        )
    return metric
