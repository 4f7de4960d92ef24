// The papers tab (list, one paper with its tables, upload and deletion for administrators) and the report of the accounts' arithmetic.

import { h } from "./dom.js";
import { address, call, givenToken, rights as rightsOf, rightsHeader, setToken } from "./http.js";
import { openCitation, placeOf, tableOf } from "./source.js";

const STATUS = { ok: "成立", broken: "不成立", not_checkable: "无法核对" };
const JOB_POLL_MS = 700;
const CHECKS_SHOWN = 300;

export async function fillPapers(root) {
  const box = h("div", { class: "papers" }, h("p", { role: "status" }, "正在载入文档…"));
  root.append(box);
  await refresh(box);
}

async function refresh(box) {
  await guarded(box, async () => {
    const [{ items }, rights] = await Promise.all([listed(), rightsOf()]);
    box.replaceChildren(
      h("p", { class: "papers-sum" }, summary(items)),
      rights.admin || rights.token_needed ? uploadForm(box, rights) : "",
      items.length ? listOf(items, box, rights) : h("p", {}, "还没有文档。"),
      h("div", { class: "paper-detail" }),
    );
  });
}

// Without any index the server answers 503; here that only means that the first paper is still to be uploaded
async function listed() {
  try {
    return await call("documents");
  } catch (error) {
    if (error.status === 503) return { items: [] };
    throw error;
  }
}

async function guarded(box, work) {
  try {
    await work();
  } catch (error) {
    box.replaceChildren(h("p", { class: "src-error", role: "alert" }, error.message));
  }
}

function summary(items) {
  const total = (name) => items.reduce((sum, item) => sum + item[name], 0);
  return `共 ${items.length} 份文档，${total("tables")} 张表，${total("facts")} 条数据，勾稽成立 ${total("checks_held")} 项、不成立 ${total("checks_broken")} 项。`;
}

function listOf(items, box, rights) {
  const heads = ["文档", "年度", "类型", "表", "数据", "勾稽", rights.admin || rights.token_needed ? "操作" : null].filter(Boolean);
  return h(
    "div",
    { class: "src-table papers-list", tabindex: "0", role: "group", "aria-label": "文档列表" },
    h("table", {}, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, items.map((item) => rowOf(item, box, rights)))),
  );
}

function rowOf(item, box, rights) {
  const open = h("button", { class: "link", type: "button", onclick: () => openPaper(item, box) }, item.title || item.name);
  const remove = h("button", { class: "link danger", type: "button", "aria-label": `删除 ${item.title}`, onclick: () => removePaper(item, box) }, "删除");
  return h(
    "tr",
    {},
    h("td", {}, open, h("small", {}, item.department && !item.title.includes(item.department) ? `${item.department} · ${item.name}` : item.name)),
    h("td", {}, String(item.year ?? "—")),
    h("td", {}, h("span", { class: "tag" }, item.kind)),
    h("td", { class: "number" }, String(item.tables)),
    h("td", { class: "number" }, String(item.facts)),
    h("td", {}, h("span", { class: "held" }, `✓ ${item.checks_held}`), " ", item.checks_broken > 0 && h("span", { class: "broken" }, `✗ ${item.checks_broken}`)),
    (rights.admin || rights.token_needed) && h("td", {}, remove),
  );
}

async function openPaper(item, box) {
  const detail = box.querySelector(".paper-detail");
  await guarded(detail, async () => {
    const paper = await call(`documents/${item.id}`);
    const view = h("div", { class: "paper-table" });
    const choice = h(
      "select",
      { "aria-label": "选择表格", onchange: (event) => showTable(paper, event.target.value, view) },
      paper.tables.map((table) => h("option", { value: table.index }, nameOf(table))),
    );
    const problems = paper.problems.map((problem) => h("li", {}, problem.detail));
    detail.replaceChildren(
      h("h3", {}, paper.title || paper.name),
      paper.tables.length ? h("label", {}, `表格（${paper.tables.length}）`, choice) : h("p", {}, "这份文档里没有表格。"),
      view,
      problems.length ? h("details", {}, h("summary", {}, `读取时跳过或存疑的 ${problems.length} 处`), h("ul", {}, problems)) : "",
    );
    if (paper.tables.length) await showTable(paper, paper.tables[0].index, view);
    detail.scrollIntoView({ behavior: "smooth", block: "nearest" });
  });
}

// Forms share one name, so the place tells them apart
const nameOf = (table) => `${table.label}${placeOf(table).map((place) => ` · ${place}`).join("")}${table.empty ? "（空表）" : ""}`;

async function showTable(paper, index, view) {
  await guarded(view, async () => {
    const table = await call(`documents/${paper.id}/tables/${index}`);
    const place = { ...table, document_id: paper.id, title: paper.title, row: [], column: [], table: null, quote: "" };
    view.replaceChildren(
      h("p", {}, table.unit ? `单位：${table.unit}　` : "", table.doubtful ? h("span", { class: "broken" }, table.doubtful) : "", sourceButton(place), files(paper, index)),
      tableOf(table),
    );
  });
}

const files = (paper, index) =>
  [["xlsx", "下载 Excel"], ["csv", "下载 CSV"]].map(([kind, label]) =>
    h("a", { class: "link", href: address(`documents/${paper.id}/tables/${index}/file?format=${kind}`), download: true }, label),
  );

const sourceButton = (place) => h("button", { class: "link", type: "button", onclick: (event) => openCitation(place, "", event.currentTarget) }, "查看原文");

// Changes: upload and deletion run as jobs on the server

function uploadForm(box, rights) {
  const status = h("p", { class: "upload-status", role: "status" });
  const chosen = h("span", { class: "chosen" }, `可上传 ${rights.formats.join(" ")}`);
  const name = () => (chosen.textContent = [...files.files].map((file) => file.name).join("、"));
  const files = h("input", { type: "file", multiple: true, accept: rights.formats.join(","), onchange: name });
  const token = rights.token_needed && h("input", { type: "password", placeholder: "管理员令牌", "aria-label": "管理员令牌", autocomplete: "off", value: givenToken(), onchange: () => void (setToken(token.value), rightsOf().catch(() => {})) });
  const send = async (event) => {
    event.preventDefault();
    if (!files.files.length) return void (status.textContent = "请先选择文件。");
    if (token) setToken(token.value);
    const form = new FormData();
    for (const file of files.files) form.append("files", file);
    await follow(status, box, () => call("documents", { method: "POST", body: form, headers: rightsHeader() }));
  };
  return h("form", { class: "upload", onsubmit: send }, h("label", { class: "choose" }, "选择文档…", files), chosen, token, h("button", { type: "submit" }, "上传并入库"), status);
}

async function removePaper(item, box) {
  if (!window.confirm(`删除“${item.title || item.name}”及其全部数据？`)) return;
  const token = box.querySelector("input[type=password]");
  if (token) setToken(token.value);
  const status = box.querySelector(".upload-status");
  await follow(status, box, () => call(`documents/${item.id}`, { method: "DELETE", headers: rightsHeader() }));
}

async function follow(status, box, start) {
  try {
    status.textContent = "正在处理…";
    let job = await start();
    while (job.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, JOB_POLL_MS));
      job = await call(`jobs/${job.id}`, { headers: rightsHeader() });
    }
    const receipt = job.outcomes.map((outcome) => `${outcome.name}：${outcome.detail || receiptOf(outcome)}`).join("；");
    await refresh(box);
    box.querySelector(".upload-status").textContent = job.error ?? (receipt || "已完成。");
  } catch (error) {
    status.textContent = error.message;
  }
}

const receiptOf = (outcome) => `已入库，${outcome.counts.tables ?? 0} 张表，${outcome.counts.facts ?? 0} 条数据`;

// The report

export async function fillChecks(root) {
  const list = h("div", { class: "checks-list" });
  const state = { status: "broken", document: "" };
  const bar = h("div", { class: "checks-bar" });
  const intro = h("p", { class: "checks-intro" }, "各份文档里表内、表间的数字关系逐条核对的结果；点开编号可看原文。");
  root.append(h("div", { class: "checks" }, intro, bar, list));
  await guarded(list, async () => {
    const papers = (await call("documents")).items;
    const load = () => guarded(list, () => showChecks(state, papers, bar, list, load));
    await load();
  });
}

async function showChecks(state, papers, bar, list, load) {
  const query = new URLSearchParams({ status: state.status, limit: CHECKS_SHOWN });
  if (state.document) query.set("document", state.document);
  const report = await call(`checks?${query}`);
  bar.replaceChildren(statusButtons(report, state, load), paperChoice(papers, state, load));
  const titles = new Map(papers.map((paper) => [paper.id, paper]));
  const items = report.items.map((item) => checkOf(item, titles.get(item.document)));
  list.replaceChildren(...(items.length ? items : [h("p", {}, "没有这类勾稽关系。")]));
  if (report.total > items.length) list.append(h("p", {}, `另有 ${report.total - items.length} 项未显示，请按文档筛选。`));
}

function statusButtons(report, state, load) {
  const counts = { broken: report.broken, ok: report.held, not_checkable: report.not_checkable };
  return h(
    "div",
    { class: "status-buttons", role: "group", "aria-label": "按结果筛选" },
    Object.keys(counts).map((status) =>
      h("button", { type: "button", "aria-pressed": String(state.status === status), onclick: () => void ((state.status = status), load()) }, `${STATUS[status]} ${counts[status]}`),
    ),
  );
}

function paperChoice(papers, state, load) {
  const options = [h("option", { value: "" }, "全部文档"), ...papers.map((paper) => h("option", { value: paper.id, selected: paper.id === state.document }, paper.title || paper.name))];
  return h("select", { "aria-label": "按文档筛选", onchange: (event) => void ((state.document = event.target.value), load()) }, options);
}

function checkOf(item, paper) {
  const places = item.citations.map((citation, n) => {
    const full = { document_id: item.document, title: paper?.title, document: paper?.name, ...citation }; // a figure of another paper says whose it is
    return h("button", { type: "button", class: "chip", "aria-label": `出处 ${n + 1}`, title: citation.quote, onclick: (event) => openCitation(full, n + 1, event.currentTarget) }, String(n + 1));
  });
  return h(
    "article",
    { class: `check ${item.status}` },
    h("p", {}, h("span", { class: "tag" }, STATUS[item.status]), " ", item.detail),
    h("small", {}, [paper?.title, item.expected && `应为 ${item.expected}`, item.found && `所见 ${item.found}`].filter(Boolean).join("　")),
    h("p", { class: "check-places" }, places.length ? "出处 " : "", places),
  );
}
