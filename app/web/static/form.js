// The form works without this script, which lets fields grow and warns before losing input.
"use strict";

for (const form of document.querySelectorAll("form.recipe-form")) {
  let unsaved = "unsaved" in form.dataset;
  form.addEventListener("input", () => (unsaved = true));
  form.addEventListener("submit", () => (unsaved = false));
  addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

  // For browsers without field-sizing.
  if (CSS.supports("field-sizing", "content")) continue;
  for (const area of form.querySelectorAll("textarea")) {
    const least = area.rows;
    const grow = () => (area.rows = Math.max(least, area.value.split("\n").length + 1));
    area.addEventListener("input", grow);
    grow();
  }
}
