"use strict";
(() => {
  const requirements = [...document.querySelectorAll("details.requirement")];
  const filter = document.querySelector(".filter");
  const search = document.getElementById("search");
  const count = document.querySelector(".count");
  const unfold = document.getElementById("unfold");
  const choices = [...document.querySelectorAll("button[data-status]")];
  const texts = new Map(requirements.map((one) => [one, one.textContent.toLowerCase()]));

  function show() {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    const statuses = new Set(choices.filter((one) => one.ariaPressed === "true").map((one) => one.dataset.status));
    const matches = (one) => statuses.has(one.dataset.status) && wanted.every((word) => texts.get(one).includes(word));
    requirements.forEach((one) => { one.hidden = !matches(one); });
    const left = requirements.filter((one) => !one.hidden).length;
    count.textContent = left === requirements.length ? "" : `${left} of ${requirements.length} requirements shown`;
  }

  function reveal() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    for (let one = place; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") { one.open = true; one.hidden = false; }
    }
    place.scrollIntoView();
  }

  async function copy(command, button) {
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(command);
      button.textContent = "selected";
    }
    setTimeout(() => { button.textContent = "copy"; }, 1500);
  }

  document.querySelectorAll(".command").forEach((block) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.setAttribute("aria-label", "Copy the command");
    button.addEventListener("click", () => copy(block.querySelector("code"), button));
    block.append(button);
  });
  choices.forEach((one) => one.addEventListener("click", () => {
    one.ariaPressed = one.ariaPressed === "true" ? "false" : "true";
    show();
  }));
  unfold.addEventListener("click", () => {
    const open = unfold.ariaPressed !== "true";
    unfold.ariaPressed = String(open);
    unfold.textContent = open ? "fold all" : "unfold all";
    document.querySelectorAll("#requirements details").forEach((one) => { one.open = open; });
  });
  search.addEventListener("input", show);
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  filter.hidden = requirements.length === 0;
  if (location.hash) reveal();
})();
