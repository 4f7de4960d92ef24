// The evaluation tab, for administrators: choose or upload cases, follow the run, read the figures and the misses, take the report home.

import { h } from "./dom.js";
import { call, rightsHeader, saveReply, whenAdmin } from "./http.js";

const POLL_MS = 700;
const percent = (x) => `${(x * 100).toFixed(1)}%`;

const rate = (share, of) => (of ? percent(share) : "—"); // a share of nothing says nothing

export const fillEvaluation = (root) => whenAdmin(() => build(root));

async function build(root) {
  const result = h("div", { class: "evaluation-result" });
  const status = h("div", { class: "upload-status", role: "status" });
  const box = h(
    "div",
    { class: "papers evaluation" },
    h("p", { class: "papers-sum" }, "用写好期望答案的用例考一遍现有文档：数值、单位、出处、拒答逐条核对。进行时不影响别人提问。"),
  );
  root.append(box);
  try {
    box.append(form(await call("evaluations", { headers: rightsHeader() }), status, result), status, result);
  } catch (error) {
    box.append(h("p", { class: "src-error", role: "alert" }, error.message));
  }
}

function form({ sets }, status, result) {
  const chosen = h("span", { class: "chosen" }, "或上传填好的 .xlsx、.jsonl、.yaml");
  const file = h("input", { type: "file", accept: ".xlsx,.jsonl,.yaml,.yml", onchange: () => (chosen.textContent = file.files[0]?.name ?? "") });
  const choice = h(
    "select",
    { "aria-label": "选择自带用例" },
    h("option", { value: "" }, "自带用例（文档在库里的全部）"),
    sets.map((name) => h("option", { value: name }, name)),
  );
  const start = h("button", { type: "submit" }, "开始评测");
  const send = async (event) => {
    event.preventDefault();
    const body = new FormData();
    if (file.files.length) body.append("file", file.files[0]);
    else body.append("cases", choice.value);
    start.disabled = true;
    result.replaceChildren();
    await follow(status, result, () => call("evaluations", { method: "POST", body, headers: rightsHeader() }));
    start.disabled = false;
  };
  const template = h("button", { class: "link", type: "button", onclick: (event) => take(event.currentTarget, "evaluations/template", "用例.xlsx") }, "下载用例表格（Excel）");
  return h("form", { class: "upload", onsubmit: send }, choice, h("label", { class: "choose" }, "选择用例文件…", file), chosen, start, template);
}

async function follow(status, result, begin) {
  try {
    let run = await begin();
    const bar = h("progress", { "aria-label": "评测进度" });
    const said = h("span", {}, "正在准备…");
    const stop = h("button", { class: "link danger", type: "button", onclick: () => call(`evaluations/${run.id}`, { method: "DELETE", headers: rightsHeader() }) }, "停止");
    status.replaceChildren(bar, said, stop);
    while (run.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      run = await call(`evaluations/${run.id}`, { headers: rightsHeader() });
      if (!run.total) continue;
      bar.max = run.total;
      bar.value = run.done;
      said.textContent = `已答 ${run.done} / ${run.total} 题`;
    }
    if (run.status === "done") show(run, status, result);
    else status.textContent = run.error ?? "已停止。";
  } catch (error) {
    status.textContent = error.message;
  }
}

function show(run, status, result) {
  const { counts, refusal, clarify, dialogue, citations, ...report } = run.report;
  status.textContent = [`“${run.name}”：${counts.total} 题，答对 ${counts.right} 题。`, ...run.notes].join(" ");
  const figures = [
    ["正确率", `${percent(report.accuracy)}（95% 区间 ${report.wilson.map(percent).join("–")}）`],
    ["自信答错", percent(report.confident_wrong)],
    ["得分（对 +1，拒答 0，错 −1）", report.score.toFixed(2)],
    ["该拒答的拒答了", `${rate(refusal.recall, counts.by_type.refusal?.total)}，误拒 ${refusal.false} 题`],
    ["该反问的反问了", `${rate(clarify.recall, counts.by_type.clarify?.total)}，多余反问 ${clarify.needless} 题`],
    ["数值全对", `${report.numeric.exact} / ${report.numeric.total}`],
    ["要点找全", `${report.key_facts.found} / ${report.key_facts.total}`],
    ["追问", `${dialogue.right} / ${dialogue.total}，整段都对 ${dialogue.whole}`],
    ["引文与原文一致", `${percent(citations.faithful)}，切题 ${rate(citations.relevant, counts.with_evidence)}`],
    ["用时", `一半在 ${Math.round(report.latency_ms.p50)} 毫秒内，95% 在 ${Math.round(report.latency_ms.p95)} 毫秒内`],
  ];
  const kinds = Object.entries(counts.by_kind).map(([kind, n]) => [kind, `${n.right} / ${n.total}`, percent(n.right / n.total)]);
  const misses = run.misses.map((miss) => [miss.turns.join(" → "), miss.expected, miss.answer, miss.why]);
  const report_of = (kind) => (event) => take(event.currentTarget, `evaluations/${run.id}/report?format=${kind}`, `评测报告.${kind}`);
  result.replaceChildren(
    h(
      "p",
      { class: "evaluation-files" },
      h("button", { class: "link", type: "button", onclick: report_of("html") }, "下载网页报告"),
      h("button", { class: "link", type: "button", onclick: report_of("json") }, "下载 JSON"),
    ),
    tableOf("指标", ["指标", "结果"], figures),
    tableOf("按类型", ["类型", "答对", "正确率"], kinds),
    misses.length ? tableOf(`未通过（${counts.wrong}）`, ["问题", "期望", "回答", "原因"], misses) : h("p", {}, "全部通过。"),
  );
}

function tableOf(name, heads, rows) {
  return h(
    "section",
    {},
    h("h3", {}, name),
    h(
      "div",
      { class: "src-table papers-list", tabindex: "0", role: "group", "aria-label": name },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))),
      ),
    ),
  );
}

async function take(button, path, name) {
  try {
    await saveReply(path, name, { headers: rightsHeader() });
  } catch (error) {
    button.textContent = error.message;
  }
}
