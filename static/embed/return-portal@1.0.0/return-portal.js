// A returns portal in a shop's page. MIT. Attributes and events: return-portal.d.ts.
const HOME = new URL("../../../", import.meta.url);
const TEXTS = {
  en: ["Return an order", "The returns page can’t be shown here.", "Open in a new tab"],
  nl: ["Retour aanmelden", "De retourpagina kan hier niet getoond worden.", "Open in een nieuw tabblad"],
};
const PATIENCE = 15000; // for any answer
const GRACE = 2500; // for a loaded page to speak
const STEP = /^[a-z_]{1,30}$/;
const REFERENCE = /^[A-Z0-9-]{1,30}$/;

class ReturnPortal extends HTMLElement {
  static observedAttributes = ["shop", "lang", "portal", "order", "scheme"];
  #frame;
  #notice;
  #slot;
  #origin;
  #timer;
  #step;
  #done = new Set();
  #hear = (event) => this.#receive(event);

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    this.#notice = document.createElement("p");
    this.#notice.setAttribute("role", "status");
    this.#slot = document.createElement("slot");
    root.append(this.#notice, this.#slot);
  }

  connectedCallback() {
    window.addEventListener("message", this.#hear);
    this.style.display ||= "block";
    this.#open();
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.#hear);
    this.#close();
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && this.#frame && before !== after) this.#open();
  }

  #address() {
    const url = new URL(this.getAttribute("portal") || HOME, document.baseURI);
    const order = this.getAttribute("order");
    const test = this.hasAttribute("test") || location.hash === "#returnsite-test";
    const page = test ? "check" : order ? `o/${encodeURIComponent(order)}` : "";
    url.pathname += `${url.pathname.endsWith("/") ? "" : "/"}p/${encodeURIComponent(this.getAttribute("shop") || "-")}/${page}`;
    if (this.lang) url.searchParams.set("lang", this.lang);
    return url;
  }

  #words() {
    return TEXTS[(this.lang || document.documentElement.lang).slice(0, 2).toLowerCase()] ?? TEXTS.en;
  }

  #open() {
    this.#close();
    const url = this.#address();
    if (!/^https?:$/.test(url.protocol)) return this.#fail();
    this.#origin = url.origin;
    const frame = (this.#frame = document.createElement("iframe"));
    Object.assign(frame.style, { display: "block", width: "100%", height: "900px", border: "0" });
    frame.title = this.title || this.#words()[0];
    frame.allow = "geolocation; clipboard-write";
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    frame.src = url.href;
    frame.addEventListener("load", () => {
      this.#wait(GRACE);
      // It answers only sites on the list.
      const hello = { t: "rp:hello", v: 1, scheme: this.getAttribute("scheme") || "light" };
      frame.contentWindow?.postMessage(hello, url.origin);
    });
    this.#show(true);
    this.shadowRoot.append(frame);
    this.#wait(PATIENCE);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = this.#step = undefined;
  }

  #wait(time) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(), time);
  }

  #show(works) {
    this.#slot.hidden = works;
    this.#notice.textContent = works ? "" : this.#words()[1];
    this.#notice.hidden = works;
    if (this.#frame) this.#frame.style.display = works ? "block" : "none";
  }

  #fail() {
    if (!this.querySelector("a")) {
      const link = Object.assign(document.createElement("a"), { href: this.#address(), target: "_blank", rel: "noopener" });
      link.textContent = this.#words()[2];
      this.append(link);
    }
    this.#show(false);
  }

  #receive({ source, origin, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#origin || data?.v !== 1) return;
    if (data.t === "rp:height" && Number.isInteger(data.h) && data.h >= 200 && data.h <= 10000) {
      this.#frame.style.height = `${data.h}px`;
    } else if (data.t === "rp:step" && STEP.test(data.step)) {
      this.#arrive(data.step);
    } else if (data.t === "rp:completed" && REFERENCE.test(data.reference)) {
      if (!this.#done.has(data.reference)) this.#tell("completed", { reference: data.reference });
      this.#done.add(data.reference);
    } else return;
    clearTimeout(this.#timer);
    this.#show(true);
  }

  // A page, new or sent back with errors: its top comes into view.
  #arrive(step) {
    const first = this.#step === undefined;
    if (step !== this.#step) this.#tell("step", { step });
    this.#step = step;
    const { top } = this.getBoundingClientRect();
    if (first || (top >= 0 && top < innerHeight)) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scrollIntoView({ behavior: calm ? "instant" : "smooth" });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

if (!customElements.get("return-portal")) customElements.define("return-portal", ReturnPortal);
