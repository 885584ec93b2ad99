/* Keeps what is typed into a bid in this browser alone, until it is forgotten: the platform never gets an unsealed figure. */
for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = "jicai:bid:" + form.dataset.draft;
  const fields = () => [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.type !== "submit");
  const said = form.querySelector("[data-draft-said]");
  const tell = (word) => { if (said) said.textContent = said.dataset[word] || ""; };
  const save = () => {
    const filled = fields().filter((field) => field.value !== "").map((field) => [field.name, field.value]);
    try { localStorage.setItem(key, JSON.stringify(Object.fromEntries(filled))); tell("kept"); } catch { tell("lost"); }
  };
  try {
    const kept = JSON.parse(localStorage.getItem(key) || "{}");
    if (fields().every((field) => field.value === "") && Object.keys(kept).length) {
      for (const field of fields()) if (field.name in kept) field.value = kept[field.name];
      tell("found");
    }
  } catch { tell("lost"); }
  form.addEventListener("input", save);
  const forget = form.querySelector("[data-draft-forget]");
  if (forget) {
    forget.hidden = false;
    forget.addEventListener("click", () => {
      for (const field of fields()) field.value = "";
      try { localStorage.removeItem(key); tell("gone"); } catch { tell("lost"); }
    });
  }
}
