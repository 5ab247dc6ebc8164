// The map beside the list of service points. The list is the control and works alone; this draws the same points,
// follows hover, focus and choice, and fetches Leaflet only when the map comes into view.
const base = new URL("../", import.meta.url);
const RINGS_M = [100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000];
const started = new WeakSet();
let leaflet;

function loadLeaflet() {
  leaflet ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("css/map.css", base);
    const script = document.createElement("script");
    script.src = new URL("vendor/leaflet@1.9.4/leaflet.js", base);
    style.onload = () => document.head.append(script);
    script.onload = () => resolve(window.L);
    style.onerror = script.onerror = reject;
    document.head.append(style);
  });
  return leaflet;
}

function distanceText(metres) {
  const [value, unit] = metres < 1000 ? [metres, "meter"] : [metres / 1000, "kilometer"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit }).format(value);
}

function drawRings(L, map, home, farthest) {
  const enough = RINGS_M.findIndex((radius) => radius >= farthest);
  const last = enough < 0 ? RINGS_M.length - 1 : enough;
  RINGS_M.slice(Math.max(0, last - 1), last + 1).forEach((radius, index) => {
    L.circle(home, { radius, className: index ? "map-ring" : "map-ring map-disc", interactive: false }).addTo(map);
    const south = L.latLng(home).toBounds(radius * 2).getSouth();
    addLabel(L, map, [south, home[1]], distanceText(radius), [0, 16]);
  });
}

function addLabel(L, map, position, text, anchor) {
  const label = document.createElement("span");
  label.textContent = text;
  const icon = L.divIcon({ className: "map-label", html: label, iconSize: null, iconAnchor: anchor });
  L.marker(position, { icon, interactive: false, keyboard: false }).addTo(map);
}

function addPin(L, map, list, point) {
  const pin = document.createElement("span");
  pin.className = "point-pin";
  pin.append(Object.assign(document.createElement("span"), { textContent: point.number }));
  const icon = L.divIcon({ className: point.open ? "" : "is-shut", html: pin, iconSize: [26, 32], iconAnchor: [13, 34] });
  const marker = L.marker([point.lat, point.lon], { icon, keyboard: false, riseOnHover: true }).addTo(map);
  const shape = marker.getElement();
  shape.setAttribute("aria-hidden", "true");
  const radio = [...list.querySelectorAll("input")].find((input) => input.value === String(point.id));
  const row = radio?.closest("label");
  if (!row) return null;
  marker.on("mouseover mouseout", ({ type }) => row.classList.toggle("is-active", type === "mouseover"));
  marker.on("click", () => {
    radio.checked = true;
    radio.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  });
  return { marker, shape, radio, row };
}

function followList(map, list, pins) {
  const toggle = (name, test) => pins.forEach((pin) => pin.shape.classList.toggle(name, test(pin)));
  const select = () => {
    toggle("is-selected", ({ radio }) => radio.checked);
    const chosen = pins.find(({ radio }) => radio.checked);
    pins.forEach((pin) => pin.marker.setZIndexOffset(pin === chosen ? 1000 : 0));
    if (chosen) map.panInside(chosen.marker.getLatLng(), { padding: [40, 40] });
  };
  for (const type of ["mouseover", "focusin"]) {
    list.addEventListener(type, ({ target }) => toggle("is-active", ({ row }) => row.contains(target)));
  }
  for (const type of ["mouseleave", "focusout"]) list.addEventListener(type, () => toggle("is-active", () => false));
  list.addEventListener("change", select);
  select();
}

function draw(L, box, list) {
  const { home, points, tiles, zoom_in: zoomIn, zoom_out: zoomOut } = JSON.parse(box.querySelector("script").textContent);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, {
    zoomControl: false, attributionControl: Boolean(tiles), keyboard: false, scrollWheelZoom: false, zoomSnap: 0.25,
    dragging: !window.matchMedia("(pointer: coarse)").matches, zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm,
  });
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  const places = points.map(({ lat, lon }) => [lat, lon]);
  const centre = home && [home.lat, home.lon];
  map.fitBounds(L.latLngBounds(centre ? [...places, centre] : places), { padding: [36, 44], maxZoom: 16 });
  if (tiles) L.tileLayer(tiles.url, { maxZoom: 19, attribution: tiles.attribution }).addTo(map);
  if (centre) {
    if (!tiles) drawRings(L, map, centre, Math.max(0, ...places.map((place) => map.distance(centre, place))));
    L.circleMarker(centre, { radius: 7, className: "map-home", interactive: false }).addTo(map);
    addLabel(L, map, centre, home.label, [0, -10]);
  }
  followList(map, list, points.map((point) => addPin(L, map, list, point)).filter(Boolean));
}

function showWhenSeen(box, list) {
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    loadLeaflet().then((L) => draw(L, box, list), () => { box.hidden = true; });
  }).observe(box);
}

// The finder stands in the card of the chosen method; each card that can hold it has a slot.
function moveWithMethod(finder) {
  finder.closest("form").addEventListener("change", ({ target }) => {
    const slot = target.name === "method" && target.closest(".choice")?.querySelector("[data-slot]");
    if (!slot || slot.contains(finder)) return;
    finder.replaceChildren();
    slot.append(finder);
    finder.hidden = false;
  });
}

export function start(finder) {
  if (!started.has(finder)) {
    started.add(finder);
    moveWithMethod(finder);
  }
  const box = finder.querySelector(".map");
  const list = finder.querySelector(".point-list");
  if (!box || !list || started.has(box)) return;
  started.add(box);
  box.hidden = false;
  showWhenSeen(box, list);
}
