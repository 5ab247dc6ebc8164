// A button that copies what stands beside it; without it the text can be selected.
export function start(button) {
  if (!navigator.clipboard || !button.hidden) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = button.querySelector("span");
    const before = words.textContent;
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    } catch {
      return window.getSelection().selectAllChildren(document.getElementById(button.dataset.copies));
    }
    words.textContent = button.dataset.done;
    document.getElementById("live-status").textContent = button.dataset.done;
    setTimeout(() => { words.textContent = before; }, 2500);
  });
}
