// Rules are dragged by their number; the form of the arrow buttons sends where they were dropped.
const places = (list) => [...list.children].filter((item) => item.querySelector("[data-move]"));

function over(list, y) {
  return places(list).find((item) => {
    const box = item.getBoundingClientRect();
    return y < box.top + box.height / 2;
  });
}

function send(list, item) {
  const form = item.querySelector("[data-move]");
  form.elements.place.value = [...list.children].filter((one) => one.textContent.trim()).indexOf(item) + 1;
  form.requestSubmit(form.querySelector("[value=place]"));
}

export function start(list) {
  if (list.dataset.started) return;
  list.dataset.started = "yes";
  let held = null;
  let from = 0;
  for (const item of places(list)) {
    const handle = item.querySelector("[data-drag]");
    handle.draggable = true;
    handle.classList.add("is-handle");
  }
  list.addEventListener("dragstart", (event) => {
    if (!event.target.matches?.("[data-drag]")) return;
    held = event.target.closest("li");
    from = [...list.children].indexOf(held);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    event.dataTransfer.setDragImage(held, 16, 16);
    held.classList.add("is-dragged");
  });
  list.addEventListener("dragover", (event) => {
    if (!held) return;
    event.preventDefault();
    const next = over(list, event.clientY) ?? document.getElementById("rule-0");
    if (next !== held && next !== held.nextElementSibling) list.insertBefore(held, next);
  });
  list.addEventListener("drop", (event) => held && event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-dragged");
    if ([...list.children].indexOf(held) !== from) send(list, held);
    held = null;
  });
}
