// Things of a list are dragged by their handle; a form then sends where one was dropped: the list's own
// (data-form), or that of the arrow buttons in the thing. data-first is the number of the first place.
const things = (list) => [...list.children].filter((item) => item.dataset.id);

function over(list, y) {
  return things(list).find((item) => {
    const box = item.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
}

function send(list, item) {
  const form = document.getElementById(list.dataset.form) ?? item.querySelector("[data-move]");
  if (form.elements.moved) form.elements.moved.value = item.dataset.id;
  form.elements.place.value = things(list).indexOf(item) + Number(list.dataset.first ?? 0);
  form.requestSubmit(form.querySelector("[value=place]"));
}

// Called again after every swap in the list: handles may be new ones.
export function start(list) {
  for (const handle of things(list).map((item) => item.querySelector("[data-drag]"))) {
    if (!handle) continue; // it is being changed
    handle.draggable = true;
    handle.classList.add("is-handle");
  }
  if (list.dataset.started) return;
  list.dataset.started = "yes";
  let held = null;
  let from = 0;
  list.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.("[data-drag]")) return;
    held = event.target.closest("[data-id]");
    from = things(list).indexOf(held);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(held, 16, 16);
    held.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    const next = over(list, event.clientY);
    if (next && (next === held || next === held.nextElementSibling)) return;
    if (next) next.before(held);
    else if (things(list).at(-1) !== held) things(list).at(-1).after(held);
  });
  list.addEventListener("drop", (event) => held && event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-dragged");
    if (things(list).indexOf(held) !== from) send(list, held);
    held = null;
  });
}
