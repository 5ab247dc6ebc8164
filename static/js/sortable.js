// Things of a list are dragged by their name; the form of the arrow buttons sends where one was dropped.
const things = (list) => [...list.children].filter((item) => item.dataset.id);

function over(list, y) {
  return things(list).find((item) => {
    const box = item.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
}

function send(form, id, place) {
  form.elements.moved.value = id;
  form.elements.place.value = place;
  form.requestSubmit();
}

export function start(list) {
  if (list.dataset.started) return;
  list.dataset.started = "yes";
  const form = document.getElementById(list.dataset.form);
  let held = null;
  let from = 0;
  for (const item of things(list)) {
    item.firstElementChild.draggable = true;
    item.firstElementChild.classList.add("is-handle");
  }
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-id]");
    if (!held) return;
    from = things(list).indexOf(held);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(held, 16, 16);
    held.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    const next = over(list, event.clientY) ?? null;
    if (next === held || next === held.nextElementSibling) return;
    if (next) next.before(held);
    else things(list).at(-1).after(held);
  });
  list.addEventListener("drop", (event) => held && event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-dragged");
    const place = things(list).indexOf(held);
    if (place !== from) send(form, held.dataset.id, place);
    held = null;
  });
}
