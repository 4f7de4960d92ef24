// Puts the assistant into another site's page with one script tag (the site must be among the server's BUDGET_QA_PORTALS):
//
//   <script src="https://qa.example/web/embed.js" data-mode="button" data-label="预算问答"></script>
//   <script src="https://qa.example/web/embed.js" data-mode="inline" data-target="#qa" data-height="640px"></script>
//
// data-mode    button (default): a floating button that opens a window; inline: a frame inside data-target, or where the script stands
// data-label   the button's text and the frame's title        data-side    right (default) or left
// data-height  height of the frame (inline) or of the window   data-target  CSS selector of the element that takes the inline frame
//              (inline: auto lets the frame grow with the dialogue, up to data-max-height, 1200 pixels if not given)
// data-token   one-time login token that the portal's server fetched for the person signed on there (POST /api/login-tokens)
//
// Afterwards window.BudgetQA.ask("…") shows the assistant with this question in its box; .open() and .close() show and hide it.

(() => {
  const script = document.currentScript;
  const options = script.dataset;
  const label = options.label || "预算文档问答";
  const page = new URL("../?embed=1", script.src);
  if (options.token) page.searchParams.set("token", options.token);
  const growing = options.mode === "inline" && options.height === "auto";
  const [LOWEST, HIGHEST] = [420, 1200]; // pixels
  let frame;
  let pending = "";

  const style = (node, text) => ((node.style.cssText = text), node);

  function makeFrame(css) {
    frame = style(document.createElement("iframe"), `border:0;width:100%;height:100%;background:#fff;${css}`);
    frame.src = page.href;
    frame.title = label;
    frame.allow = "clipboard-write";
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms allow-downloads allow-popups");
    return frame;
  }

  // The page inside says when it is ready to take a question, and how tall it would be
  window.addEventListener("message", (event) => {
    if (event.origin !== page.origin || event.source !== frame?.contentWindow) return;
    if (event.data?.type === "budget-qa:ready") {
      frame.dataset.ready = "1";
      hand();
    }
    if (event.data?.type === "budget-qa:height" && growing) {
      const height = Math.min(Math.max(Number(event.data.height) || 0, LOWEST), Number.parseInt(options.maxHeight, 10) || HIGHEST);
      frame.style.height = `${height}px`;
    }
  });

  function hand() {
    if (!pending || !frame?.dataset.ready) return;
    frame.contentWindow.postMessage({ type: "budget-qa:ask", text: pending }, page.origin);
    pending = "";
  }

  function inline() {
    const height = growing ? `${LOWEST}px` : options.height || "640px";
    const box = makeFrame(`height:${height};display:block`);
    const target = options.target && document.querySelector(options.target);
    if (target) target.append(box);
    else script.after(box);
    return { open: () => box.scrollIntoView({ block: "nearest" }), close: () => {} };
  }

  function floating() {
    const side = options.side === "left" ? "left" : "right";
    const holder = document.createElement("div");
    const root = holder.attachShadow({ mode: "open" }); // the portal's styles must not reach in, nor ours out
    const button = style(
      document.createElement("button"),
      `position:fixed;${side}:24px;bottom:24px;z-index:2147483000;padding:12px 20px;border:0;border-radius:24px;background:#1d4ed8;color:#fff;` +
        "font:600 15px/1.2 'Microsoft YaHei','PingFang SC','Noto Sans CJK SC',sans-serif;box-shadow:0 6px 20px rgb(15 23 42/30%);cursor:pointer",
    );
    const phone = window.matchMedia("(max-width: 560px)");
    const pane = document.createElement("div");
    const layout = () =>
      style(
        pane,
        "position:fixed;z-index:2147483000;overflow:hidden;background:#fff;box-shadow:0 12px 48px rgb(15 23 42/35%);" +
          (phone.matches ? "inset:0 0 76px 0" : `${side}:24px;bottom:84px;width:420px;height:min(${options.height || "640px"},calc(100vh - 110px));border-radius:14px`) +
          (pane.hidden ? ";display:none" : ""),
      );
    const set = (open) => {
      if (open && !frame) pane.append(makeFrame(""));
      pane.hidden = !open;
      layout();
      button.textContent = open ? "收起" : label;
      button.setAttribute("aria-expanded", String(open));
    };
    button.type = "button";
    button.addEventListener("click", () => set(pane.hidden));
    phone.addEventListener("change", layout);
    root.append(pane, button);
    document.body.append(holder);
    set(false);
    return { open: () => set(true), close: () => set(false) };
  }

  function start() {
    const view = options.mode === "inline" ? inline() : floating();
    window.BudgetQA = {
      ...view,
      ask(text) {
        pending = String(text).slice(0, 500);
        view.open();
        hand();
      },
    };
  }

  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
