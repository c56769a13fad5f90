"""Turns an office document into a PDF with LibreOffice. Runs apart: see `previews`.

Macros are off, links to other documents are not followed, and its way to a network leads nowhere.
"""

import os
import subprocess
from pathlib import Path
from typing import Any

LIKE = {"wps": "doc", "et": "xls"}  # WPS's own extensions hold Microsoft's formats
FILTERS = {"doc": "writer_pdf_Export", "docx": "writer_pdf_Export"}
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Convert `path` into `folder`/source.pdf, at most `pages` pages of it."""
    folder, extension = Path(question["folder"]), question["extension"]
    extension = LIKE.get(extension, extension)
    source, profile = folder / f"source.{extension}", folder / "profile"
    source.symlink_to(question["path"])
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    pages = f'{{"PageRange":{{"type":"string","value":"1-{question["pages"]}"}}}}'
    done = subprocess.run(  # noqa: S603 -- the program found at start, on a file of a name of ours
        [
            question["program"],
            "--headless",
            "--norestore",
            f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to",
            f"pdf:{FILTERS.get(extension, 'calc_pdf_Export')}:{pages}",
            "--outdir",
            str(folder),
            str(source),
        ],
        capture_output=True,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LANG": "C.UTF-8"},
        check=False,
    )
    is_made = done.returncode == 0 and (folder / "source.pdf").is_file()
    return {"pages": None} if is_made else {"refused": "damaged"}
