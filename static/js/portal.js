// What a swap alone does not do: focus, announcements, steppers, busy buttons, a word when the server is out of reach.
// All of it is extra; every page works without this file. Nothing is stored and nothing is evaluated.
const QUIET_MS = 500;
const on = (name, listener) => document.addEventListener(name, listener);
const byId = (id) => document.getElementById(id);
const isPage = (target) => target === document.body || target?.id === "main";

// Announcements: elements with data-announce, one voice per region, never the same words twice.
const said = new Map();
const pending = new Map();
let timer;

function wordsIn(root) {
  return [...root.querySelectorAll("[data-announce]")].map((el) => [
    el.closest("[id]")?.id, (el.dataset.announce || el.textContent).trim(),
  ]);
}

function announce(root) {
  for (const [region, words] of wordsIn(root)) {
    pending.delete(region);
    if (words && said.get(region) !== words) pending.set(region, words);
  }
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!pending.size) return;
    for (const [region, words] of pending) said.set(region, words);
    byId("live-status").textContent = [...pending.values()].join(" ");
    pending.clear();
  }, QUIET_MS);
}

// A new page or step: its words are read from the heading on, so the regions inside start as "already said".
function arrive() {
  for (const [region, words] of wordsIn(document)) said.set(region, words);
  pending.clear();
  document.querySelectorAll(".stepper input").forEach(syncStepper);
  upgrade();
}

function upgrade() {
  for (const el of document.querySelectorAll("[data-module]")) {
    import(el.dataset.module).then((module) => module.start(el));
  }
}

let heldFocus = null;
on("htmx:before:swap", ({ detail: { ctx } }) => {
  const active = document.activeElement;
  heldFocus = ctx.target?.contains?.(active) && active !== document.body ? ctx.target : null;
});

on("htmx:after:settle", ({ target, detail }) => {
  if (!isPage(target) && detail.task?.swapSpec.style !== "none") announce(target);
});

on("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.swap === "none") return;
  byId("toast-region")?.replaceChildren();
  if (!isPage(ctx.target)) {
    if (heldFocus?.isConnected && document.activeElement === document.body) {
      heldFocus.tabIndex = -1;
      heldFocus.focus({ preventScroll: true });
    }
    upgrade();
    return;
  }
  arrive();
  const goal = byId("error-summary") ?? document.querySelector("#main h1");
  window.scrollTo(0, 0);
  goal?.focus({ preventScroll: true });
  goal?.scrollIntoView({ block: "nearest" });
});

// Busy: the button keeps its width, the region says it is waiting.
function setBusy({ sourceElement, target }, busy) {
  const button = sourceElement.matches?.("form") && sourceElement.querySelector(".actions button");
  for (const el of [button, target]) {
    if (busy) el?.setAttribute?.("aria-busy", "true");
    else el?.removeAttribute?.("aria-busy");
  }
}
on("htmx:before:request", ({ detail: { ctx } }) => setBusy(ctx, true));
on("htmx:finally:request", ({ detail: { ctx } }) => setBusy(ctx, false));

// No answer, or a broken one: what was typed stays, and the same request can be sent again.
function again({ type, target, submitter }) {
  if (type === "submit") target.requestSubmit(submitter);
  else target.dispatchEvent(new Event(type, { bubbles: true }));
}

function complain(ctx) {
  const region = byId("toast-region");
  if (!region) return;
  const toast = document.createElement("div");
  const text = document.createElement("span");
  const retry = document.createElement("button");
  toast.className = "toast";
  text.textContent = region.dataset.text;
  retry.type = "button";
  retry.className = "button button-quiet";
  retry.textContent = region.dataset.retry;
  retry.addEventListener("click", () => {
    region.replaceChildren();
    again(ctx.sourceEvent);
  });
  toast.append(text, retry);
  region.replaceChildren(toast);
}
on("htmx:error", ({ detail: { ctx } }) => ctx?.sourceEvent && complain(ctx));
on("htmx:response:error", ({ detail: { ctx } }) => ctx.response.status >= 500 && complain(ctx));
on("htmx:before:response", (event) => {
  const { response, target } = event.detail.ctx;
  if (![403, 404, 410].includes(response.status) || isPage(target)) return;
  event.preventDefault(); // a live part of a page that is gone: let the page say so
  window.location.reload();
});

// Steppers change the number where it stands; without this file the same buttons post the form.
function syncStepper(input) {
  const [less, more] = input.parentElement.querySelectorAll("button");
  less.setAttribute("aria-disabled", String(input.valueAsNumber <= Number(input.min)));
  more.setAttribute("aria-disabled", String(input.valueAsNumber >= Number(input.max)));
}
on("click", (event) => {
  const button = event.target.closest(".stepper button");
  if (!button) return;
  event.preventDefault();
  const input = button.parentElement.querySelector("input");
  const before = input.value;
  if (button.name === "more") input.stepUp();
  else input.stepDown();
  if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
});
on("change", ({ target }) => target.matches(".stepper input") && syncStepper(target));

// Back from elsewhere to a page that may be confirmed by now: ask the server instead of showing the old picture.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-once]")) window.location.reload();
});

arrive();
byId("error-summary")?.focus();
