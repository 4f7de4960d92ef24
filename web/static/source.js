// The source panel: shows where a citation stands — the table with row, column and cell marked, the lines of the text with the cited
// line marked, or the page of a PDF with the cell's box.

import { h } from "./dom.js";
import { address, call } from "./http.js";

const ROWS_AROUND = 6;
const WIDE = window.matchMedia("(min-width: 900px)");

let panel;
let opener;
let turn = 0;

// Opens the panel on `citation` (the interface's object); `mark` is the number shown on its chip.
export async function openCitation(citation, mark, from) {
  const mine = ++turn;
  opener = from ?? document.activeElement;
  show(h("p", { class: "src-wait", role: "status" }, "正在打开原文…"), citation, mark);
  try {
    const parts = await evidence(citation);
    if (mine === turn) show(parts, citation, mark);
  } catch (error) {
    if (mine === turn) show(h("p", { class: "src-error", role: "alert" }, error.message), citation, mark);
  }
}

// Empties the docked panel (a new chat) or closes the drawer.
export function closeSource() {
  turn++;
  if (!panel) return;
  panel.remove();
  panel = undefined;
  document.documentElement.classList.remove("src-open");
  opener?.focus?.({ preventScroll: true });
}

async function evidence(citation) {
  const document = `documents/${encodeURIComponent(citation.document_id)}`;
  if (citation.line_start) return lineEvidence(document, citation);
  if (citation.page) return pageEvidence(document, citation);
  const paper = await call(document);
  const tables = paper.tables.filter((table) => table.label === citation.table && (!citation.sheet || table.sheet === citation.sheet));
  const shown = await Promise.all(tables.slice(0, 1).map((table) => tableEvidence(document, table.index, citation)));
  return shown.length ? shown : [quoteOf(citation)];
}

async function pageEvidence(document, citation) {
  const box = citation.bbox ? `?bbox=${citation.bbox.map((side) => side.toFixed(1)).join(",")}` : "";
  const image = h("img", {
    class: "src-page",
    src: address(`${document}/page/${citation.page}.png${box}`),
    alt: `原文第 ${citation.page} 页${citation.bbox ? "，引用处已用方框标出" : ""}`,
  });
  const source = await call(`${document}/source?page=${citation.page}`);
  const table = source.tables.find((candidate) => candidate.label === citation.table);
  const parts = [image, quoteOf(citation)];
  if (table) parts.unshift(await tableEvidence(document, table.index, citation));
  return parts;
}

async function lineEvidence(document, citation) {
  const end = citation.line_end ?? citation.line_start;
  const source = await call(`${document}/source?line=${citation.line_start}&end=${end}&context=10`);
  const table = citation.table && (source.tables.find((candidate) => candidate.label === citation.table) ?? source.tables[0]);
  const parts = [h("h3", {}, "原文"), linesOf(source)];
  if (table) parts.unshift(await tableEvidence(document, table.index, citation));
  return parts;
}

function linesOf(source) {
  const rows = source.lines.map((line) =>
    h(
      "div",
      { class: line.hit ? "src-line hit" : "src-line", "aria-current": line.hit ? "true" : null },
      h("span", { class: "src-number", "aria-label": `第 ${line.line} 行` }, String(line.line)),
      h("span", { class: "src-text" }, line.text.replaceAll("\t", "  ┊  ") || " "),
    ),
  );
  return h("div", { class: "src-lines", tabindex: "0", role: "group", "aria-label": "引用处前后的原文" }, rows);
}

async function tableEvidence(document, index, citation) {
  const table = await call(`${document}/tables/${index}`);
  const unit = table.unit ? `单位：${table.unit}` : "";
  return h("section", {}, h("h3", {}, table.label, h("small", {}, unit)), tableOf(table, citation));
}

// A table as HTML; with a citation only the rows around the cited one, and row, column and cell marked.
export function tableOf(table, citation) {
  const hit = citation ? hitOf(table, citation) : {};
  const grid = new Map();
  for (const cell of table.cells) {
    if (!grid.has(cell.row)) grid.set(cell.row, []);
    grid.get(cell.row).push(cell);
  }
  const heads = [...grid.keys()].filter((row) => grid.get(row).every((cell) => cell.role === "header" || cell.role === "empty"));
  const near = (row) => hit.row === undefined || heads.includes(row) || Math.abs(row - hit.row) <= ROWS_AROUND;
  const width = Math.max(0, ...table.cells.map((cell) => cell.column)) + 1;
  const rows = [...grid.keys()].sort((a, b) => a - b).filter(near);
  const body = rows.map((row) => {
    const cells = new Map(grid.get(row).map((cell) => [cell.column, cell]));
    const tds = Array.from({ length: width }, (_, column) => cellOf(cells.get(column), row, column, hit, heads.includes(row)));
    return h("tr", { class: row === hit.row ? "hit-row" : null }, tds);
  });
  const left = grid.size - rows.length;
  return h(
    "div",
    { class: "src-table", tabindex: "0", role: "group", "aria-label": "表格" },
    h("table", {}, h("tbody", {}, body)),
    left > 0 && h("p", { class: "src-more" }, `另有 ${left} 行未显示，可在“文档”页查看整张表。`),
  );
}

function cellOf(cell, row, column, hit, head) {
  const both = row === hit.row && column === hit.column;
  const number = cell?.role === "value" && /^[-+−≥≤>＜<\d.,%％()（）]+$/.test(cell.text);
  const marks = [number && "number", column === hit.column && "hit-column", both && "hit-cell"].filter(Boolean);
  const props = { class: marks.join(" ") || null, "aria-current": both ? "true" : null };
  if (head) props.scope = "col";
  return h(head ? "th" : "td", props, cell?.text ?? "");
}

// Row and column of the cited cell: by its place in the file, the column by its heading.
function hitOf(table, citation) {
  const here = table.cells.filter((cell) => standsAt(cell, citation));
  const path = (citation.column ?? []).join("/");
  const wanted = Object.keys(table.columns).filter((column) => table.columns[column].join("/") === path);
  const column = wanted.map(Number).find((candidate) => !here.length || here.some((cell) => cell.column === candidate));
  const exact = here.find((cell) => cell.column === column) ?? here[0];
  return { row: exact?.row, column: column ?? (citation.cell || citation.bbox ? exact?.column : undefined) };
}

function standsAt(cell, citation) {
  if (citation.cell) return cell.cell === citation.cell;
  if (citation.bbox) return cell.page === citation.page && cell.bbox && cell.bbox.every((side, i) => Math.abs(side - citation.bbox[i]) < 2);
  return cell.line_start && cell.line_start >= citation.line_start && cell.line_start <= (citation.line_end ?? citation.line_start);
}

const quoteOf = (citation) => h("blockquote", {}, citation.quote);

// Where something stands, in words
export function placeOf(citation) {
  const end = citation.line_end ?? citation.line_start;
  return [
    citation.page && `第 ${citation.page} 页`,
    citation.sheet && `工作表 ${citation.sheet}${citation.cell ? ` ${citation.cell}` : ""}`,
    citation.line_start && (end > citation.line_start ? `第 ${citation.line_start}–${end} 行` : `第 ${citation.line_start} 行`),
  ].filter(Boolean);
}

function show(content, citation, mark) {
  const path = [...(citation.row ?? []), ...(citation.column ?? [])].filter(Boolean).join(" · ");
  const next = h(
    "section",
    { id: "source", "aria-label": "原文出处", tabindex: "-1" },
    h(
      "header",
      {},
      mark && h("span", { class: "src-mark" }, String(mark)),
      h("h2", {}, citation.title || citation.document),
      h("button", { class: "src-close", type: "button", "aria-label": "关闭原文", onclick: closeSource }, "✕"),
    ),
    h("p", { class: "src-place" }, placeOf(citation).map((place) => h("span", {}, place)), path && h("span", { class: "src-path" }, path)),
    h("div", { class: "src-body" }, content),
  );
  place(next);
  revealHit();
}

// Beside the chat where there is room, else over the page.
function place(next) {
  const side = document.querySelector("#side");
  const docked = WIDE.matches && side && side.offsetParent !== null;
  panel?.remove();
  panel = next;
  panel.classList.toggle("drawer", !docked);
  document.documentElement.classList.toggle("src-open", !docked);
  (docked ? side : document.body).append(panel);
  if (!docked) panel.focus({ preventScroll: true });
}

// The cited line comes to the middle; of a table top and left stay in sight as far as the cited cell allows, for its headings
// stand there
function revealHit() {
  for (const box of panel.querySelectorAll(".src-lines, .src-table")) {
    // the row stands before its cell in the page, and its end is the table's
    const hit = box.querySelector(".hit-cell") ?? box.querySelector(".hit, .hit-row");
    if (!hit) continue;
    if (box.classList.contains("src-table")) {
      box.scrollTop = hit.offsetTop + hit.offsetHeight + 12 - box.clientHeight;
      box.scrollLeft = hit.offsetLeft + hit.offsetWidth + 12 - box.clientWidth;
    } else box.scrollTop = hit.offsetTop - box.clientHeight / 2 + hit.offsetHeight / 2;
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel?.classList.contains("drawer")) closeSource();
});
WIDE.addEventListener("change", () => panel && place(panel));
