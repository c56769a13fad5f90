"""The few WordprocessingML elements the blocks are made of."""

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

# Everything XML 1.0 cannot hold (its production 2), lone surrogates included.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: Any, **attributes: str | int) -> Any:
    """Return a `w:` element; attributes are `w:` ones too."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    made.extend(children)
    return made


def lines_of(text: str) -> list[str]:
    """Split a text into its lines, without what XML cannot hold and without outer blanks."""
    return [line.strip() for line in NOT_XML.sub("", text).splitlines()]


def run(text: str) -> Any:
    """Return a run. The hint gives “ ” — … to the Chinese font instead of the Latin one."""
    content = element("t")
    content.text = text
    content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return element("r", east_asian(), content)


def east_asian() -> Any:
    """Return the properties every run carries."""
    return element("rPr", element("rFonts", hint="eastAsia"))


def paragraph(style_id: str, text: str, **indent: int) -> Any:
    """Return a paragraph; line breaks of the text stay inside it. `indent` goes to w:ind."""
    properties = element("pPr", element("pStyle", val=style_id))
    if indent:
        properties.append(element("ind", **indent))
    made = element("p", properties)
    for number, line in enumerate(lines_of(text)):
        if number:
            made.append(element("r", element("br")))
        made.append(run(line))
    return made


def page_number_runs() -> list[Any]:
    """Return the runs of “— 1 —”, the number being a PAGE field."""
    code = element("instrText")
    code.text = "PAGE"
    field = [
        element("r", east_asian(), element("fldChar", fldCharType="begin")),
        element("r", east_asian(), code),
        element("r", east_asian(), element("fldChar", fldCharType="separate")),
        run("1"),
        element("r", east_asian(), element("fldChar", fldCharType="end")),
    ]
    return [run("— "), *field, run(" —")]
