// What somebody typed and has not sent yet is not lost unasked: a swap that takes its form away asks first
// (data-typed holds the question) or puts it back into the new form (data-keep), and leaving the page warns.
const TRACKED = "form[data-typed], form[data-keep]";
const sent = new WeakSet();
const on = (name, listener) => document.addEventListener(name, listener);
let started = false;
let kept = [];

const fieldsOf = (form) => [...form.elements].filter((one) => one.name && !["hidden", "submit", "button"].includes(one.type) && !one.closest("[data-not-kept]"));

function isChanged(field) {
  if (field.type === "radio" || field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const first = Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  return field.selectedIndex !== first;
}

// What was refused, or got one more row (data-unsaved), came back with what was typed in it, which is not saved either.
const isTyped = (form) => "unsaved" in form.dataset || fieldsOf(form).some(isChanged) || Boolean(form.querySelector("[aria-invalid]"));
const typedForms = (root = document) => [...root.querySelectorAll(TRACKED)].filter((form) => !sent.has(form) && isTyped(form));

function read(form) {
  const fields = fieldsOf(form).filter((field) => field.type !== "file" && isChanged(field));
  return { id: form.id, fields: fields.map(({ id, value, checked }) => ({ id, value, checked })) };
}

function putBack({ id, fields }) {
  const form = document.getElementById(id);
  for (const { id: fieldId, value, checked } of form ? fields : []) {
    const field = document.getElementById(fieldId);
    if (field?.form !== form) continue;
    if (checked !== undefined && ["radio", "checkbox"].includes(field.type)) field.checked = checked;
    else field.value = value;
  }
  if (form && fields.length) form.closest("details")?.setAttribute("open", "");
}

function ask(event) {
  const { target, sourceElement } = event.detail.ctx;
  if (!target?.querySelectorAll || sourceElement.closest("[data-drops]")) return;
  const sender = sourceElement.closest("[data-hx-post]")?.closest("form"); // a field may send its form, too
  const lost = typedForms(target).find((form) => form.dataset.typed && form !== sender);
  if (lost && (sourceElement.hidden || !window.confirm(lost.dataset.typed))) event.preventDefault();
}

export function start() {
  if (started) return;
  started = true;
  document.addEventListener("submit", ({ target }) => sent.add(target), true); // before htmx hears of it
  on("htmx:finally:request", ({ detail: { ctx } }) => ctx.response?.status < 300 || sent.delete(ctx.sourceElement));
  on("htmx:before:request", ask);
  on("htmx:before:swap", ({ detail: { ctx } }) => {
    const forms = ctx.target?.querySelectorAll ? typedForms(ctx.target) : [];
    kept = forms.filter((form) => "keep" in form.dataset && form !== ctx.sourceElement).map(read);
  });
  on("htmx:after:swap", () => {
    kept.forEach(putBack);
    kept = [];
  });
  window.addEventListener("beforeunload", (event) => {
    if (typedForms().length) event.preventDefault();
  });
}
