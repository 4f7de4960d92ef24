// The server's own interface, wherever it is mounted. A refusal becomes an Error with the server's Chinese sentence.

const ROOT = new URL("../api/", import.meta.url);

export const address = (path) => new URL(path, ROOT).href;

export async function call(path, options = {}) {
  let reply;
  try {
    reply = await fetch(address(path), { credentials: "same-origin", ...options });
  } catch {
    throw new Error("与服务器的连接已断开，请稍后再试。");
  }
  const body = await reply.json().catch(() => ({}));
  if (!reply.ok) {
    // the session has ended: the page's own address leads to the login
    if (body.error?.code === "not_signed_in") window.location.reload();
    const error = new Error(body.error?.message ?? "请求没有成功，请稍后再试。");
    error.status = reply.status;
    throw error;
  }
  return body;
}

// The administrator's token, as typed on this page, and what it allows
let token = "";
export const givenToken = () => token;
export const setToken = (text) => (token = text);
export const rightsHeader = () => (token ? { authorization: `Bearer ${token}` } : {});

export async function rights() {
  const me = await call("me", { headers: rightsHeader() });
  if (me.admin) {
    document.documentElement.classList.add("admin");
    document.dispatchEvent(new Event("budget-qa:admin"));
  }
  return me;
}

// Calls `then` as soon as the visitor has shown to be an administrator.
export function whenAdmin(then) {
  if (document.documentElement.classList.contains("admin")) then();
  else document.addEventListener("budget-qa:admin", then, { once: true });
}

// A table's rows (arrays of text) as a file that the browser saves; kind is csv or xlsx.
export async function download(title, rows, kind) {
  const body = JSON.stringify({ title, rows, format: kind });
  await saveReply("export", `${title || "数据"}.${kind}`, { method: "POST", headers: { "content-type": "application/json" }, body });
}

// The server's reply as a file that the browser saves: unlike a link it can carry the administrator's token.
export async function saveReply(path, name, options = {}) {
  const reply = await fetch(address(path), { credentials: "same-origin", ...options });
  if (!reply.ok) throw new Error((await reply.json()).error?.message ?? "下载没有成功，请稍后再试。");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
