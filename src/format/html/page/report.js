"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.querySelector("[data-filter]");

  // Findings: one text per card, read once.
  const cards = all("article.finding").map((card) => ({
    card,
    rule: card.closest(".rule"),
    text: `${card.closest(".rule").querySelector("h3").textContent} ${card.textContent}`.toLowerCase(),
    scenarios: card.dataset.scenarios.split("\n"),
  }));

  const apply = () => {
    const chosen = new FormData(form);
    const words = chosen.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const severities = chosen.getAll("severity");
    const [side, event, scenario] = ["side", "event", "scenario"].map((name) => chosen.get(name));
    const known = !form.elements.known || form.elements.known.checked;
    const rules = new Set();
    let shown = 0;
    for (const one of cards) {
      const data = one.card.dataset;
      const fits =
        severities.includes(data.severity) &&
        (!side || !data.side || data.side === side) &&
        (!event || data.event === event) &&
        (!scenario || one.scenarios.includes(scenario)) &&
        (known || !("known" in data)) &&
        words.every((word) => one.text.includes(word));
      one.card.hidden = !fits;
      if (fits) {
        shown += 1;
        rules.add(one.rule);
      }
    }
    for (const rule of all(".rule")) rule.hidden = !rules.has(rule);
    document.querySelector("[data-count]").textContent =
      `${shown} of ${cards.length} cards shown`;
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply, 0));
    const unfold = form.querySelector("[data-unfold]");
    unfold.addEventListener("click", () => {
      const open = unfold.textContent === "Unfold all";
      for (const part of all("#findings details")) part.open = open;
      unfold.textContent = open ? "Fold all" : "Unfold all";
    });
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest("input, select, textarea");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        form.elements.text.focus();
      }
    });
    apply();
  }

  // Links lead into what is folded or filtered away.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const hidden = target.closest("[hidden]") || (target.hidden && target);
    if (hidden && form) {
      form.reset();
      apply();
    }
    for (let part = target; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    for (const marked of all(".aimed")) marked.classList.remove("aimed");
    target.classList.add("aimed");
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Pictures grow and shrink.
  for (const shot of all("[data-shot]")) {
    shot.addEventListener("click", () => {
      const large = shot.getAttribute("aria-expanded") === "true";
      shot.setAttribute("aria-expanded", String(!large));
    });
  }

  // Light and dark.
  const theme = document.querySelector("[data-theme-button]");
  if (theme) {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
    theme.hidden = false;
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      name();
    });
    system.addEventListener("change", name);
    name();
  }

  // On paper nothing can be unfolded, so what matters is open.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not(.manual, .payload details)").filter((part) => !part.open);
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
})();
