// Scanning with the camera, where the browser can read codes by itself. Without it the field stays.
const FORMATS = ["qr_code", "code_128", "code_39", "ean_13", "itf", "data_matrix"];
const LOOK_EVERY_MS = 200;

export function start(box) {
  if (box.dataset.started || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  box.dataset.started = "1";
  box.hidden = false;
  const [button, video, refusal] = box.children;
  button.addEventListener("click", () => scan(box, button, video).catch(() => {
    refusal.hidden = false;
    stop(video, button);
  }));
}

async function scan(box, button, video) {
  const known = await BarcodeDetector.getSupportedFormats();
  const detector = new BarcodeDetector({ formats: FORMATS.filter((one) => known.includes(one)) });
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  button.hidden = true;
  video.hidden = false;
  await video.play();
  const timer = setInterval(async () => {
    if (!document.contains(video)) return end(timer, video, button);
    const [code] = await detector.detect(video).catch(() => []);
    if (!code?.rawValue) return;
    end(timer, video, button);
    const field = document.getElementById(box.dataset.field);
    field.value = code.rawValue.slice(0, 200);
    field.form.requestSubmit();
  }, LOOK_EVERY_MS);
}

function end(timer, video, button) {
  clearInterval(timer);
  stop(video, button);
}

function stop(video, button) {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.hidden = true;
  button.hidden = false;
}
