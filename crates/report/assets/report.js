// One repetition at a time, chosen by its tile or by the arrow keys. Without scripts all of them are there.
(() => {
  const cards = [...document.querySelectorAll(".rep")];
  const links = [...document.querySelectorAll(".tiles a")];
  if (cards.length < 2) return;
  const show = (id) => {
    cards.forEach((card) => { card.hidden = card.id !== id; });
    links.forEach((link) => {
      if (link.hash === "#" + id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  };
  links.forEach((link, index) => {
    link.addEventListener("click", (event) => { event.preventDefault(); show(link.hash.slice(1)); });
    link.addEventListener("mouseenter", () => show(link.hash.slice(1)));
    link.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step && links[index + step];
      if (next) { event.preventDefault(); next.focus(); show(next.hash.slice(1)); }
    });
  });
  show(links[0].hash.slice(1));
})();
