// What a shop's developer writes: the element's events, shown on the page.
const heard = document.getElementById("heard");
const words = [];
for (const name of ["step", "completed"]) {
  document.addEventListener(name, ({ detail }) => {
    words.push(`${name} ${detail.step ?? detail.reference}`);
    heard.textContent = words.join(" → ");
  });
}
