// What the chat page adds to Gradio: citations open their source, Chinese input methods may use Enter, answers copy with their sources,
// the papers and the report fill their tabs, and a portal's frame learns the page's height.

import { h, whenPresent } from "./dom.js";
import { fillChecks, fillPapers } from "./papers.js";
import { closeSource, openCitation } from "./source.js";

// The answers of this chat, kept by the page in a hidden text box: key -> {citations: …}
function answers() {
  const box = document.querySelector("#answers textarea");
  try {
    return JSON.parse(box?.value || "{}");
  } catch {
    return {};
  }
}

function follow(link) {
  const [, key, mark] = link.getAttribute("href").match(/^#cite-(\w+)-(\d+)$/) ?? [];
  const citation = answers()[key]?.find((candidate) => candidate.id === Number(mark));
  if (!citation) return;
  for (const other of document.querySelectorAll("#chat a.open")) other.classList.remove("open");
  link.classList.add("open");
  openCitation(citation, mark, link);
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("#chat a[href^='#cite-']");
    if (link) {
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

// Copied answers read as text: marks keep their numbers and the sources follow
document.addEventListener("copy", (event) => {
  const chosen = window.getSelection();
  const text = chosen?.toString();
  if (text && document.querySelector("#chat")?.contains(chosen.anchorNode)) event.clipboardData.setData("text/plain", text);
});

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
    if (link && window.matchMedia("(min-width: 900px)").matches) follow(link);
  }, 200);
});

whenPresent("#papers", fillPapers);
whenPresent("#checks", fillChecks);
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

// A portal that frames this page gets its height; the portal decides what to do with it
if (window.parent !== window) {
  let last = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.querySelector(".gradio-container")?.getBoundingClientRect().height ?? 0);
    if (Math.abs(height - last) < 5) return;
    last = height;
    window.parent.postMessage({ type: "budget-qa:height", height }, "*");
  }).observe(document.documentElement);
}
