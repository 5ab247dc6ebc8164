// What a swap alone does not do: focus, announcements, steppers, busy buttons, a word when it fails.
const QUIET_MS = 500;
const on = (name, listener) => document.addEventListener(name, listener);
const byId = (id) => document.getElementById(id);
const isPage = (target) => target === document.body || target?.id === "main";

// data-announce: one voice per region, never the same words twice; but data-news was just done, and is told each time.
const said = new Map();
const pending = new Map();
let timer;

function wordsIn(root, kind = "[data-announce]") {
  return [...root.querySelectorAll(kind)]
    .map((el) => [el.closest("[id]")?.id, (el.dataset.announce || el.textContent).trim(), "news" in el.dataset]);
}

function announce(root, kind) {
  for (const [region, words, isNews] of wordsIn(root, kind)) {
    pending.delete(region);
    if (words && (isNews || said.get(region) !== words)) pending.set(region, words);
  }
  clearTimeout(timer);
  timer = setTimeout(tell, QUIET_MS);
}

function tell() {
  if (!pending.size) return;
  for (const [region, words] of pending) said.set(region, words);
  const status = byId("live-status");
  const text = [...pending.values()].join(" ");
  pending.clear();
  const isSame = status.textContent === text;
  if (isSame) status.textContent = ""; // it is read again only after it was gone
  setTimeout(() => { status.textContent = text; }, isSame ? QUIET_MS : 0);
}

// A new page is read from its heading on: its regions count as said, but for what was just done.
function arrive() {
  for (const [region, words] of wordsIn(document)) said.set(region, words);
  pending.clear();
  announce(document, "[data-news]");
  document.querySelectorAll(".stepper input").forEach(syncStepper);
  const overwritten = document.querySelector("[data-select]"); // a scanner types over it
  overwritten?.focus();
  overwritten?.select();
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
    if (heldFocus && document.activeElement === document.body) {
      heldFocus.tabIndex = -1;
      heldFocus.focus({ preventScroll: true });
    }
    return upgrade();
  }
  arrive();
  const goal = byId("error-summary") ?? document.querySelector("#main [autofocus]") ?? document.querySelector("#main h1");
  window.scrollTo(0, 0);
  goal?.focus({ preventScroll: true });
  goal?.scrollIntoView({ block: "nearest" });
});

function setBusy({ sourceElement, target }, busy) {
  const button = sourceElement.matches("form") && sourceElement.querySelector(".actions button");
  for (const el of [button, target]) el?.setAttribute?.("aria-busy", String(busy));
}
on("htmx:before:request", ({ detail: { ctx } }) => setBusy(ctx, true));
on("htmx:finally:request", ({ detail: { ctx } }) => setBusy(ctx, false));

// No answer: what was typed stays, and can be sent again.
function again({ type, target, submitter }) {
  if (type === "submit") target.requestSubmit(submitter);
  else target.dispatchEvent(new Event(type, { bubbles: true }));
}

function complain(ctx) {
  const region = byId("toast-region");
  if (!region || !ctx?.sourceEvent || ctx.sourceEvent.type === "every") return;
  const make = (tag, className, textContent) => Object.assign(document.createElement(tag), { className, textContent });
  const toast = make("div", "toast", "");
  const retry = make("button", "button button-quiet", region.dataset.retry);
  retry.type = "button";
  retry.addEventListener("click", () => {
    region.replaceChildren();
    again(ctx.sourceEvent);
  });
  toast.append(make("span", "", region.dataset.text), retry);
  region.replaceChildren(toast);
}
on("htmx:error", ({ detail: { ctx } }) => complain(ctx));
on("htmx:response:error", ({ detail: { ctx } }) => ctx.response.status >= 500 && complain(ctx));
on("htmx:before:response", (event) => {
  const { response, target } = event.detail.ctx;
  if (![403, 404, 410].includes(response.status) || isPage(target)) return;
  event.preventDefault(); // part of a page that is gone
  window.location.reload();
});

// Steppers change the number in place; otherwise they post the form.
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

// The header stays while steps change below it: its language links lead to the step shown now.
on("click", ({ target }) => {
  const link = target.closest("a[hreflang]");
  if (!link) return;
  const here = new URL(window.location);
  here.searchParams.set("lang", link.hreflang);
  link.href = here;
});

// Back to a page that may be confirmed by now: ask the server.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-once]")) window.location.reload();
});

arrive();
byId("error-summary")?.focus();
