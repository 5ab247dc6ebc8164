// A button that copies what stands beside it, a field or a text. Without script it can be selected by hand.
const started = new WeakSet();

function choose(source) {
  if (source.select) source.select();
  else window.getSelection().selectAllChildren(source);
}

export function start(button) {
  if (started.has(button)) return;
  started.add(button);
  const label = button.querySelector("span");
  const words = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    choose(source);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
    } catch {
      if (!document.execCommand("copy")) return; // no permission, or no secure origin
    }
    label.textContent = button.dataset.done;
    document.getElementById("live-status").textContent = button.dataset.done;
    setTimeout(() => { label.textContent = words; }, 2500);
  });
}
