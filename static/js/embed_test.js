// What browsers are told about the shop's sites: the portal's own headers, read as they arrive here.
const list = document.getElementById("told");

function draw(test, state) {
  test.dataset.state = state;
  for (const el of test.querySelectorAll("[data-when]")) el.hidden = el.dataset.when !== state;
}

async function look() {
  const { headers } = await fetch(list.dataset.portal, { method: "HEAD", cache: "no-store" });
  const policy = headers.get("Content-Security-Policy") ?? "";
  const ancestors = policy.match(/frame-ancestors ([^;]*)/)?.[1].split(" ") ?? [];
  for (const test of list.querySelectorAll("[data-origin]")) {
    draw(test, ancestors.includes(test.dataset.origin) ? "ok" : "bad");
  }
  draw(document.getElementById("other-header"), headers.has("X-Frame-Options") ? "bad" : "ok");
}

// The browser runs the element's script only when its hash fits.
async function waitForElement() {
  const late = new Promise((resolve) => setTimeout(resolve, 5000, false));
  const works = await Promise.race([customElements.whenDefined("return-portal").then(() => true), late]);
  draw(document.getElementById("script-hash"), works ? "ok" : "bad");
}

look();
waitForElement();
