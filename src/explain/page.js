"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// Colours words of a listing; the text itself is not changed.
function paint(pre) {
  const words = /(\/\/[^\n]*)|\b(fn|let|var|for|while|loop|if|else|return|struct|const|in|out|where|fold|over|axis|kernel|store|load)\b|\b(f32|f16|i32|u32|bool|vec[234]|array|ptr|workgroup|storage|uniform)\b|(@\w+)|\b(\d[\w.]*)\b/g;
  const safe = pre.textContent.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  pre.innerHTML = safe.replace(words, (word, comment, key, type, mark) =>
    `<span class="${comment ? "c" : key || mark ? "k" : type ? "t" : "n"}">${word}</span>`);
  pre.dataset.painted = "yes";
}

function show(region) {
  all("article").forEach((article) => { article.hidden = article.id !== `r${region}`; });
  document.getElementById("nothing").hidden = true;
  all("#detail pre:not([data-painted])", document).filter((pre) => !pre.closest("[hidden]")).forEach(paint);
  all(".on", document.getElementById("graph")).forEach((item) => item.classList.remove("on"));
  const box = document.querySelector(`[data-region="${region}"]`);
  if (!box) return;
  box.classList.add("on");
  all(`.f${box.dataset.box}, .t${box.dataset.box}`).forEach((arrow) => arrow.classList.add("on"));
  document.getElementById("detail").scrollTop = 0;
}

all("[data-region]").forEach((box) => {
  const choose = () => { show(box.dataset.region); history.replaceState(null, "", `#r${box.dataset.region}`); };
  box.addEventListener("click", choose);
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
});

// A link to a region shows it, and brings its box into sight.
all("a.region").forEach((link) => link.addEventListener("click", (event) => {
  event.preventDefault();
  const region = link.getAttribute("href").slice(2);
  show(region);
  history.replaceState(null, "", `#r${region}`);
  const box = document.querySelector(`[data-region="${region}"]`);
  if (box) box.scrollIntoView({ block: "center", inline: "center" });
}));

all(".tabs").forEach((tabs) => {
  const buttons = all("button", tabs);
  const texts = all("pre", tabs.parentElement);
  buttons.forEach((button, index) => button.addEventListener("click", () => {
    buttons.forEach((other, at) => other.classList.toggle("on", at === index));
    texts.forEach((text, at) => { text.hidden = at !== index; });
    if (!texts[index].dataset.painted) paint(texts[index]);
  }));
});

// The picture is dragged with the mouse and starts as wide as its frame.
const canvas = document.getElementById("canvas");
const picture = canvas.querySelector("svg");
let zoom = 1;
function scale(to) {
  zoom = Math.min(2, Math.max(0.15, to));
  picture.setAttribute("width", picture.viewBox.baseVal.width * zoom);
  picture.setAttribute("height", picture.viewBox.baseVal.height * zoom);
}
scale(Math.min(1, Math.max(0.45, (canvas.clientWidth - 4) / picture.viewBox.baseVal.width)));
canvas.scrollLeft = (picture.clientWidth - canvas.clientWidth) / 2;
canvas.addEventListener("wheel", (event) => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  scale(zoom * (event.deltaY < 0 ? 1.1 : 0.9));
}, { passive: false });
let drag = null;
canvas.addEventListener("mousedown", (event) => { drag = [event.clientX + canvas.scrollLeft, event.clientY + canvas.scrollTop]; });
addEventListener("mouseup", () => { drag = null; });
addEventListener("mousemove", (event) => {
  if (!drag) return;
  canvas.scrollLeft = drag[0] - event.clientX;
  canvas.scrollTop = drag[1] - event.clientY;
});

const first = location.hash.match(/^#r(\d+)$/);
const costly = all("[data-region]").find((box) => box.classList.contains("contraction")) || all("[data-region]")[0];
if (first) show(first[1]); else if (costly) show(costly.dataset.region);
