// Who is signed on, and the way out. What a visitor may do is decided by the server; this only shows it.

import { h } from "./dom.js";
import { address, call } from "./http.js";

export async function fillAccount(root) {
  const { user, by } = await call("me");
  if (!user) return;
  const embed = document.documentElement.classList.contains("embed") ? "?embed=1" : "";
  const leave = h("form", { method: "post", action: address(`../logout${embed}`) }, h("button", { class: "link", type: "submit" }, "退出"));
  root.append(h("div", { class: "account" }, h("span", {}, user), by === "session" && leave));
}
