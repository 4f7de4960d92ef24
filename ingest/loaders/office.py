"""LibreOffice, where it is installed: it turns .doc, .wps, .rtf and .odt into .docx."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ingest.records import Unreadable

OFFICE_SECONDS = 120
OFFICE_FORMATS = (".doc", ".wps", ".rtf", ".odt")
OFFICE_MISSING = "这是旧版 Word（.doc）或类似格式，本机没有安装 LibreOffice，无法读取；请用 Word 或 WPS 另存为 docx 或 PDF 再导入。"
OFFICE_FAILED = "LibreOffice 打不开这个文件（可能已损坏或加密）；请用 Word 或 WPS 另存为 docx 或 PDF 再导入。"


def office() -> str | None:
    """The program, or None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(path: Path, folder: Path) -> Path:
    """The file as .docx, written under `folder`. Raises Unreadable where there is no LibreOffice, or where it cannot."""
    program = office()
    if not program:
        raise Unreadable(OFFICE_MISSING)
    source = folder / "paper.doc"
    shutil.copyfile(path, source)
    # A profile of its own: a running LibreOffice would otherwise take the job and lose it. Macros stay off in headless conversion.
    command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "docx", "--outdir", str(folder), str(source)]
    try:
        subprocess.run(command, timeout=OFFICE_SECONDS, check=True, capture_output=True)
    except (subprocess.SubprocessError, OSError) as error:
        raise Unreadable(OFFICE_FAILED) from error
    made = folder / "paper.docx"
    if not made.is_file():  # it ends with 0 over a file it cannot open
        raise Unreadable(OFFICE_FAILED)
    return made
