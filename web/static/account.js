// Who is signed on, and the way out. What a visitor may do is decided by the server; this only shows it.

import { h } from "./dom.js";
import { address, call } from "./http.js";

// When the session has ended Gradio would only say that something went wrong, and hide the chat; the page's own address leads to the login,
// and afterwards the chat is there again
new PerformanceObserver((list) => {
  if (list.getEntries().some((entry) => entry.responseStatus === 401 && entry.name.includes("/gradio_api/"))) window.location.reload();
}).observe({ type: "resource" });

export async function fillAccount(root) {
  const { user, by } = await call("me");
  if (!user) return;
  const embed = document.documentElement.classList.contains("embed") ? "?embed=1" : "";
  const leave = h("form", { method: "post", action: address(`../logout${embed}`) }, h("button", { class: "link", type: "submit" }, "退出"));
  root.append(h("div", { class: "account" }, h("span", {}, user), by === "session" && leave));
}
