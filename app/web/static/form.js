// The form is whole without this: it lets fields grow, and asks before what was typed is lost.
"use strict";

for (const form of document.querySelectorAll("form.recipe-form")) {
  let unsaved = "unsaved" in form.dataset;
  form.addEventListener("input", () => (unsaved = true));
  form.addEventListener("submit", () => (unsaved = false));
  addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

  // Where the style sheet's field-sizing is not known.
  if (CSS.supports("field-sizing", "content")) continue;
  for (const area of form.querySelectorAll("textarea")) {
    const least = area.rows;
    const grow = () => (area.rows = Math.max(least, area.value.split("\n").length + 1));
    area.addEventListener("input", grow);
    grow();
  }
}
