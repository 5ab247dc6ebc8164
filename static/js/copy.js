// A button beside a read-only field that copies it. Without script the field can still be selected.
const started = new WeakSet();

export function start(root) {
  if (started.has(root)) return;
  started.add(root);
  const field = root.querySelector("input");
  const button = root.querySelector("button");
  const label = button.querySelector("span");
  const words = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      if (!document.execCommand("copy")) return; // no permission, or no secure origin
    }
    label.textContent = root.dataset.copied;
    document.getElementById("live-status").textContent = root.dataset.copied;
    setTimeout(() => { label.textContent = words; }, 2500);
  });
}
