// What the chat page adds to Gradio: citations open their source, Chinese input methods may use Enter, answers copy with their sources,
// the papers and the report fill their tabs, and a portal can hand over a question.

import { fillAccount } from "./account.js";
import { h, whenPresent } from "./dom.js";
import { fillEvaluation } from "./evaluation.js";
import { download, rights } from "./http.js";
import { fillChecks, fillPapers } from "./papers.js";
import { closeSource, openCitation, placeOf } from "./source.js";

// The answers of this chat, kept by the page in a hidden text box: key -> {citations: …}
function answers() {
  const box = document.querySelector("#answers textarea");
  try {
    return JSON.parse(box?.value || "{}");
  } catch {
    return {};
  }
}

function citationOf(link) {
  const [, key, mark] = link.getAttribute("href").match(/^#cite-(\w+)-(\d+)$/) ?? [];
  return answers()[key]?.find((citation) => citation.id === Number(mark));
}

function follow(link) {
  const citation = citationOf(link);
  if (!citation) return;
  for (const other of document.querySelectorAll("#chat a.open")) other.classList.remove("open");
  link.classList.add("open");
  openCitation(citation, citation.id, link);
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("#chat a[href^='#cite-']");
    const copy = event.target.closest?.("#chat .message-buttons-left button[title='复制']");
    if (copy && copyAnswer(copy)) {
      event.stopPropagation();
      copy.classList.add("copied");
      setTimeout(() => copy.classList.remove("copied"), 1500);
    } else if (link) {
      event.preventDefault();
      event.stopPropagation();
      follow(link);
    } else if (event.target.closest?.("#new-chat")) closeSource();
  },
  true,
);

// Enter while a Chinese input method is composing chooses a word; Gradio would send the question
for (const type of ["keydown", "keypress"])
  document.addEventListener(
    type,
    (event) => {
      if (event.key === "Enter" && (event.isComposing || event.keyCode === 229) && event.target.closest?.("#ask")) event.stopImmediatePropagation();
    },
    true,
  );

// Gradio's button copies Markdown; readers want the text with its sources under it
function copyAnswer(button) {
  const row = button.closest(".message-buttons-left")?.previousElementSibling;
  const content = row?.querySelector(".message-content")?.cloneNode(true);
  if (!content) return false;
  for (const extra of content.querySelectorAll("details, .table-tools")) extra.remove();
  const cited = [];
  for (const link of content.querySelectorAll("a[href^='#cite-']")) {
    const citation = citationOf(link);
    link.textContent = `[${link.textContent}]`;
    if (citation && !cited.includes(citation)) cited.push(citation);
  }
  const sources = cited.map((c) => [`[${c.id}] ${c.title || c.document}`, c.table || c.section, ...placeOf(c)].filter(Boolean).join("，") + `：${c.quote}`);
  return put([textOf(content), ...sources].join("\n"));
}

// The text of a message as it reads: rows of a table by line, cells by tab
function textOf(content) {
  for (const cell of content.querySelectorAll("td, th")) cell.append("\t");
  for (const block of content.querySelectorAll("p, tr, .bar-row")) block.append("\n");
  return content.textContent.replace(/[ \t]*\n\s*/g, "\n").replaceAll("\u200b", "").trim();
}

// By the old way, which works on plain http too
function put(text) {
  const listener = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
  };
  document.addEventListener("copy", listener, { once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", listener);
  return done;
}

// When an answer is complete, its first source opens beside it
let opened = "";
whenPresent("#answers textarea", (box) => {
  opened = Object.keys(answers()).at(-1) ?? "";
  // Gradio sets the box's value without any event, so it has to be looked at
  setInterval(() => {
    const newest = Object.keys(answers()).at(-1) ?? "";
    if (newest === opened) return;
    opened = newest;
    const link = document.querySelector(`#chat a[href='#cite-${newest}-1']`);
    if (!link) closeSource();
    else if (window.matchMedia("(min-width: 900px)").matches) follow(link);
  }, 200);
});

// What Gradio says in English whatever the language, and labels that would read a whole answer's Markdown aloud
const WORDS = { "Copy message": "复制", "Copied message": "已复制", Feedback: "选择问题", "chatbot conversation": "对话" };
whenPresent("#chat button[title], #chat [role=log]", (node) => {
  for (const name of ["title", "aria-label"]) if (WORDS[node.getAttribute(name)]) node.setAttribute(name, WORDS[node.getAttribute(name)]);
});
whenPresent("#chat .examples", (list) => {
  list.setAttribute("role", "group"); // Gradio says list, but its buttons are no list items
  list.setAttribute("aria-label", "示例问题");
});
whenPresent("#chat [data-testid=bot], #chat [data-testid=user]", (node) => {
  const label = node.dataset.testid === "bot" ? "回答" : "提问";
  const set = () => node.getAttribute("aria-label") !== label && node.setAttribute("aria-label", label);
  set();
  new MutationObserver(set).observe(node, { attributes: true, attributeFilter: ["aria-label"] });
});

// A table of figures can be had as a file: what is shown, without the marks of the sources
whenPresent("#chat .bot .prose table", (table) => {
  const button = (kind, label) =>
    h("button", { class: "link", type: "button", onclick: (event) => save(table, kind, event.currentTarget) }, label);
  table.after(h("div", { class: "table-tools" }, button("xlsx", "下载 Excel"), button("csv", "下载 CSV")));
});

async function save(table, kind, button) {
  const rows = [...table.rows].map((row) => [...row.cells].filter((cell) => !cell.querySelector("a")).map((cell) => cell.textContent.trim()));
  // the heading of the sources goes with them
  const width = Math.min(...rows.map((row) => row.length));
  try {
    await download("查询结果", rows.map((row) => row.slice(0, width)), kind);
  } catch (error) {
    button.textContent = error.message;
  }
}

whenPresent("#masthead", fillAccount);
whenPresent("#papers", fillPapers);
whenPresent("#checks", fillChecks);
whenPresent("#evaluation", fillEvaluation);
rights().catch(() => {}); // without an answer the administrators' tab stays hidden
whenPresent("#ask textarea", (box) => box.setAttribute("aria-label", "问题"));
whenPresent("#side", (side) =>
  side.prepend(
    h(
      "div",
      { class: "side-empty" },
      h("h2", {}, "原文出处"),
      h("p", {}, "点击回答中的编号，这里会打开原文：所在的表格、行列和单元格都会标出。"),
    ),
  ),
);

// In a portal's frame: the portal may put a question into the box (static/embed.js). Only sites that may frame this page can be its parent.
if (window.parent !== window)
  whenPresent("#ask textarea", (box) => {
    window.addEventListener("message", (event) => {
      if (event.source !== window.parent || event.data?.type !== "budget-qa:ask") return;
      box.value = String(event.data.text).slice(0, 500);
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
    window.parent.postMessage({ type: "budget-qa:ready" }, "*");
  });

// … and a frame that the portal lets grow is told how tall this page would be if nothing had to scroll
if (window.parent !== window)
  whenPresent("#chat [role=log]", (log) => {
    let last = 0;
    const tell = () => {
      const top = log.getBoundingClientRect().top - log.scrollTop;
      const bottom = Math.max(...[...log.children].map((child) => child.getBoundingClientRect().bottom));
      const height = Math.ceil(document.documentElement.clientHeight - log.clientHeight + Math.max(0, bottom - top)) + 8;
      if (Math.abs(height - last) < 4) return;
      last = height;
      window.parent.postMessage({ type: "budget-qa:height", height }, "*");
    };
    new MutationObserver(tell).observe(log, { childList: true, subtree: true, characterData: true });
    new ResizeObserver(tell).observe(log);
    tell();
  });
