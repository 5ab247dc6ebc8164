// The typed colour and the browser's own picker say the same.
const tell = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));

function long(text) {
  const plain = text.trim().replace(/^#/, "").toLowerCase();
  if (/^[0-9a-f]{3}$/.test(plain)) return `#${[...plain].map((each) => each + each).join("")}`;
  return /^[0-9a-f]{6}$/.test(plain) ? `#${plain}` : "";
}

export function start(box) {
  if (box.dataset.started) return;
  box.dataset.started = "yes";
  const [typed, picked] = box.querySelectorAll("input");
  box.addEventListener("input", ({ target }) => {
    if (target === picked && typed.value !== picked.value) {
      typed.value = picked.value;
      tell(typed);
    } else if (target === typed && long(typed.value)) {
      picked.value = long(typed.value);
    }
  });
}
