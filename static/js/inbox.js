// The inbox: choosing rows, and shortcuts of one key that can be switched off.
const OFF = "returnsite.keys-off"; // kept in this browser: a habit, nothing personal
const byId = (id) => document.getElementById(id);
const boxes = () => [...document.querySelectorAll("#returns-form .select")];
const links = () => [...document.querySelectorAll("#returns-form .row-link")];

function recall() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true;
  }
}

function remember(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

let keysOn = recall();
let last = null;

function count() {
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  const text = byId("chosen-count");
  const page = byId("choose-page");
  if (text && chosen) {
    text.textContent = chosen === 1 ? text.dataset.one : text.dataset.many.replace("#", chosen);
  }
  if (page) {
    page.checked = chosen > 0 && chosen === all.length;
    page.indeterminate = chosen > 0 && chosen < all.length;
  }
  const everything = byId("choose-all");
  if (everything && !chosen) everything.checked = false;
}

function chooseRange(from, to, checked) {
  const all = boxes();
  const [first, final] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (first >= 0) for (const box of all.slice(first, final + 1)) box.checked = checked;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".select");
  if (!box) return;
  if (event.shiftKey && last) chooseRange(last, box, box.checked);
  last = box;
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-page" || (target.id === "choose-all" && target.checked)) {
    for (const box of boxes()) box.checked = target.checked;
  }
  if (target.id === "keys-on") {
    keysOn = target.checked;
    remember(keysOn);
  }
  if (target.closest("#returns-form")) count();
});

document.addEventListener("reset", ({ target }) => target.id === "returns-form" && setTimeout(count));

// Typing is typing: no shortcut in a field, with a modifier, or while a dialog is open.
function isTyping({ target, ctrlKey, metaKey, altKey, isComposing }) {
  const field = target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  return field || ctrlKey || metaKey || altKey || isComposing || document.querySelector("dialog[open]");
}

function step(by) {
  const all = links();
  const here = all.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by];
  next?.focus();
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest?.("tr")?.querySelector(".select")?.click(),
  "/": () => byId("q")?.focus(),
  "?": () => byId("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!keysOn || !keys[event.key] || isTyping(event) || !byId("inbox")) return;
  event.preventDefault();
  keys[event.key]();
});

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("#keys-help")) byId("keys")?.showModal();
});

// On a phone the tabs are a strip wider than the page: the current one stands in its middle.
function showCurrentTab(tab) {
  if (!tab) return;
  const [strip, own] = [tab.parentElement, tab].map((el) => el.getBoundingClientRect());
  tab.parentElement.scrollLeft += own.left + own.width / 2 - (strip.left + strip.width / 2);
}

// Called for the page, and again after every swap in it.
export function start(region) {
  showCurrentTab(region.querySelector(".tabs [aria-current]"));
  for (const name of ["choose-page", "keys-help"]) byId(name)?.removeAttribute("hidden");
  if (byId("keys-on")) byId("keys-on").checked = keysOn;
  count();
}
