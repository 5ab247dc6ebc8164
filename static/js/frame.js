// In a frame: tells the page around it, and only one on the shop's list, the height, the step and the end.
const LEAST = 200;
const MOST = 10000;
const ROUND = 16;
const { frameOrigins } = document.querySelector("script[data-frame-origins]").dataset;
const allowed = new Set([window.location.origin, ...frameOrigins.split(" ").filter(Boolean)]);
const isPage = (target) => target === document.body || target?.id === "main";

let parentOrigin = null;
let height = 0;

// Browsers that tell who frames us need no greeting; in others the parent says hello first.
greet(window.location.ancestorOrigins?.[0]);
window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== window.parent || data?.t !== "rp:hello" || data.v !== 1 || !greet(origin)) return;
  if (data.scheme === "auto") followScheme();
  height = 0;
  sendHeight();
  sendPage();
});

function greet(origin) {
  if (window.parent === window || !allowed.has(origin)) return false;
  parentOrigin = origin;
  return true;
}

function tell(t, data) {
  if (parentOrigin) window.parent.postMessage({ t, v: 1, ...data }, parentOrigin);
}

function sendHeight() {
  const needed = Math.ceil(document.body.getBoundingClientRect().height / ROUND) * ROUND;
  const bounded = Math.min(Math.max(needed, LEAST), MOST);
  if (bounded === height || !parentOrigin) return;
  height = bounded;
  tell("rp:height", { h: height });
}

function stepShown() {
  const [, kind, last] = window.location.pathname.match(/\/p\/[^/]+\/(?:(r|s|o)\/[^/]+)?\/?([a-z_]*)/) ?? [];
  if (kind === "s") return last === "done" ? "done" : "status";
  if (kind === "o") return "order";
  return last || "find";
}

function sendPage() {
  const step = stepShown();
  tell("rp:step", { step });
  const reference = step === "done" && document.querySelector("#main .reference")?.textContent.trim();
  if (reference) tell("rp:completed", { reference });
}

function followScheme() {
  document.documentElement.classList.remove("scheme-light");
  document.querySelector("meta[name=color-scheme]").content = "light dark";
}

// A sandbox may swallow downloads and new tabs without a word: then the label's address is shown as text.
function isSandboxed() {
  try {
    document.domain = String(document.domain); // changes nothing, and is refused in every sandbox
    return false;
  } catch {
    return true;
  }
}

// Without an origin no request of a script gets through; the browser's own does, and is told why not.
if (window.origin === "null") {
  document.addEventListener("submit", (event) => event.stopImmediatePropagation(), { capture: true });
}

function showPlainLink() {
  const hint = document.querySelector("[data-plain-link]");
  if (hint?.hidden) hint.hidden = !isSandboxed();
}

// Browsers refuse autofocus in a frame of another site, aloud; page.js moves the focus itself.
document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  for (const { fragment } of tasks) fragment?.querySelector("[autofocus]")?.removeAttribute("autofocus");
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.swap === "none") return;
  showPlainLink();
  sendHeight();
  if (isPage(ctx.target)) sendPage();
});

// What is not the portal has no place in this frame.
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href]");
  if (!link || link.hasAttribute("download") || ["mailto:", "tel:"].includes(link.protocol)) return;
  if (link.origin === window.location.origin && link.pathname.includes("/p/")) return;
  link.target = "_blank";
  link.relList.add("noopener");
}, { capture: true });

// The frame is as high as the page: "at the bottom of the window" is where the visible part ends.
const toasts = document.getElementById("toast-region");
new MutationObserver(() => {
  const toast = toasts.firstElementChild;
  if (!toast) return;
  const look = new IntersectionObserver(([{ intersectionRect }]) => {
    look.disconnect();
    if (intersectionRect.height) toast.style.insetBlockEnd = `${window.innerHeight - intersectionRect.bottom + 16}px`;
  });
  look.observe(document.body);
}).observe(toasts, { childList: true });

new ResizeObserver(sendHeight).observe(document.body);
showPlainLink();
sendPage();
