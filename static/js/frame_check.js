// The live test: tries what the portal needs of the page around it, and says what works.
const PATIENCE = 2500;
const results = new Map();
const byId = (id) => document.getElementById(id);
const inFrame = window.parent !== window;
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function until(condition, time = PATIENCE) {
  for (const end = Date.now() + time; Date.now() < end; await pause(50)) if (condition()) return true;
  return condition();
}

function draw(name, state) {
  const test = byId(`test-${name}`);
  if (!test) return;
  test.dataset.state = state;
  for (const el of test.querySelectorAll("[data-when]")) el.hidden = el.dataset.when !== state;
}

function settle(name, works) {
  results.set(name, works ? "ok" : "bad");
  draw(name, results.get(name));
}

// The element answers only what it knows: its hello arrives when the page has loaded.
let heard = false;
window.addEventListener("message", ({ source, data }) => { heard ||= source === window.parent && data?.t === "rp:hello"; });

function isInView(el) {
  return new Promise((resolve) => {
    const look = new IntersectionObserver(([{ isIntersecting }]) => {
      look.disconnect();
      resolve(isIntersecting);
    });
    look.observe(el);
  });
}

function fits() {
  const rest = window.innerHeight - document.body.getBoundingClientRect().height;
  return rest >= 0 && rest < 20;
}

async function testHeight() {
  if (!await until(fits)) return settle("height", false);
  const spacer = document.createElement("div");
  spacer.className = "test-spacer";
  document.querySelector("main").append(spacer);
  const grew = await until(fits);
  spacer.remove();
  settle("height", grew && await until(fits));
}

function isEmpty() {
  try {
    return !document.cookie && !localStorage.length && !sessionStorage.length;
  } catch {
    return true; // there is nowhere to keep anything
  }
}

const tries = {
  // No browser tells whether a file arrived.
  "try-download": () => draw("download", "asked"),
  "test-download-yes": () => settle("download", true),
  "test-download-no": () => settle("download", false),
  "try-tab": (event) => {
    event.preventDefault();
    const tab = window.open(event.target.closest("a").href, "_blank");
    settle("tab", Boolean(tab));
    setTimeout(() => tab?.close(), 1500);
  },
  "try-print": (event) => {
    event.preventDefault();
    let asked = false;
    window.addEventListener("beforeprint", () => { asked = true; }, { once: true });
    window.print();
    settle("print", asked);
  },
};
document.addEventListener("click", (event) => tries[event.target.closest?.("a, button")?.id]?.(event));

// One real step, and Back: as a customer's are.
document.addEventListener("htmx:after:swap", async ({ detail: { ctx } }) => {
  if (ctx.target === document.body || ctx.target?.id === "main") await arrive();
});

async function arrive() {
  if (byId("test-frame")) return redraw();
  await pause(1200); // a calm scroll takes its time
  settle("scroll", await isInView(document.querySelector("#main h1")));
  window.history.back();
  settle("back", await until(() => byId("test-frame")));
}

function redraw() {
  for (const [name, state] of results) draw(name, state);
}

async function start() {
  settle("frame", inFrame);
  settle("storage", isEmpty());
  settle("element", inFrame && await until(() => heard));
  if (inFrame) await testHeight();
  else settle("height", false);
}
if (byId("test-frame")) start();
