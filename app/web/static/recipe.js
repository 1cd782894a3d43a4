// Makes the recipe page faster to use. Everything also works by links and forms.

const byId = (id, page = document) => page.getElementById(id);
const form = byId("scale");
let latest = 0;

// Fetch the page for other servings, and take over what differs.
async function scale(url) {
  const turn = ++latest;
  try {
    const answer = await fetch(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (turn !== latest) return;
    for (const id of ["facts", "ingredients", "news"])
      byId(id)?.replaceChildren(...byId(id, page).childNodes);
    for (const id of ["fewer", "more", "cook", "back"])
      byId(id)?.setAttribute("href", byId(id, page).getAttribute("href"));
    if (answer.ok) byId("servings").value = byId("servings", page).value;
    history.replaceState(null, "", url);
    tick();
  } catch {
    location.assign(url);
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  scale(`${form.action}?${new URLSearchParams(new FormData(form))}`);
});
form?.addEventListener("change", () => form.requestSubmit());
form?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  scale(link.href);
});

const print = byId("print");
print?.addEventListener("click", () => window.print());
print?.removeAttribute("hidden");

// In the cooking view, keep the screen on and remember what is ticked off.
function stayAwake() {
  if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {});
}
if (document.body.className === "cook") {
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
}

const boxes = () => [...document.querySelectorAll("#ingredients input")];
function tick() {
  const ticked = (sessionStorage[location.pathname] ?? "").split(" ");
  boxes().forEach((box, index) => (box.checked = ticked.includes(`${index}`)));
}
byId("ingredients")?.addEventListener("change", () => {
  const ticked = boxes().flatMap((box, index) => (box.checked ? index : []));
  sessionStorage[location.pathname] = ticked.join(" ");
});
tick();
