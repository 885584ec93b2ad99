/* Keeps what is typed into a bid in this browser alone, until it is sealed or forgotten: the platform never gets an unsealed
   figure. Adds price rows and packages, and tells what a price counts as. Without it the form still sends. */
for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = "jicai:bid:" + form.dataset.draft;
  const version = Number(form.dataset.version || 0);
  const fields = () => [...form.elements].filter((field) => field.name && !["hidden", "submit", "file"].includes(field.type));
  const field = (name) => form.elements.namedItem(name);
  const said = form.querySelector("[data-draft-said]");
  const tell = (word) => { if (said) said.textContent = said.dataset[word] || ""; };

  /* one more row: a copy of the last one, its number raised wherever it stands in names and ids */
  const copyOf = (node, from, to) => {
    const copy = node.cloneNode(true);
    for (const part of [copy, ...copy.querySelectorAll("*")]) {
      for (const name of ["name", "id", "for"]) {
        if (part.hasAttribute(name)) part.setAttribute(name, part.getAttribute(name).replace(from, to));
      }
      if ("value" in part && part.matches("input, select, textarea")) part.value = "";
    }
    for (const wrong of copy.querySelectorAll(".wrong")) wrong.remove();
    return copy;
  };
  const addTier = (box) => {
    const rows = box.querySelectorAll("[data-tier]");
    const last = rows[rows.length - 1];
    const number = Number(last.querySelector("input").name.split("-").pop());
    if (number + 1 >= 50) return false;
    for (const row of [rows[rows.length - 2], last]) {
      const copy = copyOf(row, new RegExp("-" + number + "$"), "-" + (number + 1));
      const label = copy.querySelector("label");
      if (label) label.textContent = label.textContent.replace(/\d+$/, number + 2);
      last.parentNode.append(copy);
    }
    return true;
  };
  const addPackage = (box) => {
    const all = box.querySelectorAll("[data-package]");
    if (all.length >= 20) return false;
    const number = all.length - 1;
    all[number].after(copyOf(all[number], "package-" + number + "-", "package-" + (number + 1) + "-"));
    return true;
  };
  for (const button of form.querySelectorAll("[data-add-tier]")) {
    button.hidden = false;
    button.addEventListener("click", () => addTier(button.closest("fieldset")));
  }
  for (const button of form.querySelectorAll("[data-add-package]")) {
    button.hidden = false;
    button.addEventListener("click", () => addPackage(button.closest("fieldset")));
  }

  /* the draft */
  const save = () => {
    const filled = fields().filter((one) => one.value !== "").map((one) => [one.name, one.value]);
    try { localStorage.setItem(key, JSON.stringify(Object.fromEntries(filled))); tell("kept"); } catch { tell("lost"); }
  };
  const make = (name) => {
    const lot = form.querySelector("[data-lot='" + CSS.escape(name.replace(/-(from|price)-\d+$/, "")) + "']");
    while (lot && !field(name) && addTier(lot));
    const packages = form.querySelector("[data-packages]");
    while (packages && name.startsWith("package-") && !field(name) && addPackage(packages));
  };
  try {
    const sent = localStorage.getItem(key + ":sent");
    if (sent !== null) {
      localStorage.removeItem(key + ":sent");
      if (version > Number(sent)) { localStorage.removeItem(key); tell("gone"); }
    }
    const kept = JSON.parse(localStorage.getItem(key) || "{}");
    const untouched = fields().every((one) => one.value === one.defaultValue || one.matches("select") || one.value === "");
    if (untouched && Object.keys(kept).length) {
      for (const [name, value] of Object.entries(kept)) {
        if (!field(name)) make(name);
        if (field(name)) field(name).value = value;
      }
      tell("found");
    }
  } catch { tell("lost"); }
  form.addEventListener("input", save);
  form.addEventListener("submit", () => { try { localStorage.setItem(key + ":sent", String(version)); } catch { tell("lost"); } });
  const forget = form.querySelector("[data-draft-forget]");
  if (forget) {
    forget.hidden = false;
    forget.addEventListener("click", () => {
      for (const one of fields()) one.value = one.matches("select") ? one.options[0].value : "";
      try { localStorage.removeItem(key); tell("gone"); } catch { tell("lost"); }
      count();
    });
  }

  /* what a price counts as, shown and nothing more: the award reckons in exact fractions */
  const scoring = form.dataset.scoring ? JSON.parse(form.dataset.scoring) : null;
  const number = (name) => Number((field(name) || {}).value || 0);
  const count = () => {
    if (!scoring) return;
    let points = 0;
    for (const [code, options] of Object.entries(scoring.criteria)) points += options[(field("chosen-" + code) || {}).value] || 0;
    const coefficient = scoring.method === "coefficient" ? 1 + points / (1 - scoring.sum_of_maxima) : 1;
    const shown = form.querySelector("[data-coefficient]");
    if (shown && scoring.method === "coefficient") shown.textContent = shown.dataset.word + " " + coefficient.toFixed(4);
    for (const lot of form.querySelectorAll("[data-lot]")) {
      const ref = lot.dataset.lot;
      const price = (field(ref + "-price-0") || {}).value;
      const out = lot.querySelector("[data-counts]");
      if (!price) { out.textContent = ""; continue; }
      const freights = [...lot.querySelectorAll("input[name^='" + ref + "-freight-']")].map((one) => Number(one.value || 0));
      const landed = Number(price) + (freights.length ? freights.reduce((sum, one) => sum + one, 0) / freights.length : 0);
      const missing = scoring.sum_of_maxima - points;
      const penalty = { coefficient: 0, points: missing * Number(lot.dataset.reference || 0) / (scoring.price_weight || 1), monetised: missing * scoring.quality_weight }[scoring.method];
      const added = scoring.carbon_price * number(ref + "-co2") / 1000 + (scoring.life_cycle ? number(ref + "-life") : 0);
      out.textContent = out.dataset.word + " " + (landed / coefficient + penalty + added).toFixed(4);
    }
  };
  form.addEventListener("input", count);
  count();
}
