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
    const error = new Error(body.error?.message ?? "请求没有成功，请稍后再试。");
    error.status = reply.status;
    throw error;
  }
  return body;
}

// A table's rows (arrays of text) as a file that the browser saves; kind is csv or xlsx.
export async function download(title, rows, kind) {
  const body = JSON.stringify({ title, rows, format: kind });
  const reply = await fetch(address("export"), { method: "POST", credentials: "same-origin", headers: { "content-type": "application/json" }, body });
  if (!reply.ok) throw new Error((await reply.json()).error?.message ?? "下载没有成功，请稍后再试。");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = `${title || "数据"}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
